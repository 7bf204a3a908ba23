create table works (id int);
