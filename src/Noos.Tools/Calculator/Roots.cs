using System.Numerics;
using Noos.Core.Tools;

namespace Noos.Tools.Calculator;

/// <summary>Powers and roots: exact where the result is rational, else right to <see cref="Number.WorkingDigits"/> digits.</summary>
static class Roots
{
    /// <summary>The real root of that degree; an odd root of a negative number is negative.</summary>
    /// <exception cref="ToolException">There is no such real number.</exception>
    public static Number Root(Number value, int degree)
    {
        if (degree == 0)
        {
            throw new ToolException("A root of degree zero is not defined.");
        }

        if (degree < 0)
        {
            return Root(value, -degree).Reciprocal();
        }

        if (value.Sign < 0)
        {
            return degree % 2 != 0
                ? -Root(-value, degree)
                : throw new ToolException("An even root of a negative number is not a real number.");
        }

        if (value.IsZero || degree == 1)
        {
            return value;
        }

        if (value.IsExact && TryRoot(value.Numerator, degree, out var numerator) && TryRoot(value.Denominator, degree, out var denominator))
        {
            return Number.From(numerator, denominator);
        }

        return degree == 2
            ? SquareRoot(value)
            : Transcendentals.Exp(Transcendentals.Ln(value) / Number.From(degree));
    }

    /// <exception cref="ToolException">The power is not a real number, or too long.</exception>
    public static Number Power(Number value, Number exponent)
    {
        if (exponent.IsZero)
        {
            return Number.One;
        }

        if (value.IsZero)
        {
            return exponent.Sign > 0 ? value : throw new ToolException("Zero to a negative power is a division by zero.");
        }

        if (value.IsExact && value.Abs() == Number.One && exponent.IsInteger)
        {
            return exponent.Numerator.IsEven ? Number.One : value;
        }

        if (exponent.IsInteger && exponent.IsExact)
        {
            return IntegerPower(value, exponent);
        }

        if (exponent.IsExact && exponent.Denominator <= 1000)
        {
            var root = Root(value, (int)exponent.Denominator);
            if (root.IsExact || value.Sign < 0)
            {
                return Power(root, Number.From(exponent.Numerator));
            }
        }

        return value.Sign < 0
            ? throw new ToolException("A negative number to that power is not a real number.")
            : Transcendentals.Exp(exponent * Transcendentals.Ln(value));
    }

    static Number IntegerPower(Number value, Number exponent)
    {
        var count = BigInteger.Abs(exponent.Numerator);
        var bits = (double)count * BigInteger.Log(BigInteger.Max(BigInteger.Abs(value.Numerator), value.Denominator), 2);
        var mustBeExact = value.IsInteger && exponent.Sign > 0;
        if (value.IsExact && (mustBeExact || Number.HasRoom(bits)))
        {
            Number.CheckBits(bits);
            var power = Number.From(BigInteger.Pow(value.Numerator, (int)count), BigInteger.Pow(value.Denominator, (int)count));
            return exponent.Sign > 0 ? power : power.Reciprocal();
        }

        var size = Transcendentals.Exp(exponent * Transcendentals.Ln(value.Abs()));
        return value.Sign < 0 && !count.IsEven ? -size : size;
    }

    static Number SquareRoot(Number value)
    {
        // sqrt(n/d) = sqrt(n*d)/d, scaled to hold the digits that are wanted.
        var digits = Number.WorkingDigits + 5 - (Number.Magnitude(value) / 2);
        var scale = BigInteger.Pow(10, Math.Max(0, digits));
        var scaled = value.Numerator * scale * scale / value.Denominator;
        return Number.From(FloorRoot(scaled, 2), scale, isExact: false);
    }

    static bool TryRoot(BigInteger value, int degree, out BigInteger root)
    {
        root = FloorRoot(value, degree);
        return BigInteger.Pow(root, degree) == value;
    }

    /// <summary>The largest whole number whose power is not greater than <paramref name="value"/> (Newton's method from above).</summary>
    static BigInteger FloorRoot(BigInteger value, int degree)
    {
        if (value.IsZero || value.IsOne)
        {
            return value;
        }

        var bits = value.GetBitLength();
        if (bits <= degree)
        {
            return BigInteger.One;
        }

        var guess = BigInteger.One << (int)((bits + degree - 1) / degree);
        while (true)
        {
            var next = ((guess * (degree - 1)) + (value / BigInteger.Pow(guess, degree - 1))) / degree;
            if (next >= guess)
            {
                return guess;
            }

            guess = next;
        }
    }
}
