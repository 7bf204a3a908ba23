package dev.tollgate.price;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// An amount of money in whole nano-USD.
public record Money(long nanoUsd) {

    public static final Money ZERO = new Money(0);
    public static final long NANOS_PER_USD = 1_000_000_000L;

    /// Reads dollars such as `"5.00"`.
    ///
    /// @throws ArithmeticException when there are more than nine decimals or the amount is too
    ///   large
    /// @throws NumberFormatException when it is no number
    public static Money parseUsd(String usd) {
        return new Money(new BigDecimal(usd).movePointRight(9).longValueExact());
    }

    /// Rounds pico-USD up to whole nano-USD, so that nothing is given away.
    public static Money ceilOfPicoUsd(long picoUsd) {
        return new Money(Math.ceilDiv(picoUsd, 1000));
    }

    /// Dollars with as many decimals as are needed and at least two.
    public String toUsd() {
        var usd = BigDecimal.valueOf(nanoUsd, 9).stripTrailingZeros();
        return (usd.scale() < 2 ? usd.setScale(2, RoundingMode.UNNECESSARY) : usd).toPlainString();
    }
}
