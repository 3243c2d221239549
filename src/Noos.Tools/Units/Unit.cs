using Noos.Tools.Calculator;

namespace Noos.Tools.Units;

/// <summary>A unit, or a product of units, in base units: meter, kilogram, second, kelvin, bit, degree of angle.</summary>
/// <param name="Factor">Base units of one.</param>
/// <param name="Dimension">What it measures.</param>
readonly record struct Unit(Number Factor, Dimension Dimension)
{
    /// <summary>What a scale of temperature shows at absolute zero, the other way round: 273.15 for Celsius. Zero for all others.</summary>
    public Number Zero { get; init; } = Number.Zero;

    public static Unit One => new(Number.One, default);

    public static Unit operator *(Unit one, Unit other) => new(one.Factor * other.Factor, one.Dimension + other.Dimension);

    public static Unit operator /(Unit one, Unit other) => one * other.Power(-1);

    public Unit Power(int power)
    {
        if (power == 1)
        {
            return this;
        }

        var factor = Number.One;
        for (var i = 0; i < Math.Abs(power); i++)
        {
            factor *= Factor;
        }

        return new Unit(power < 0 ? factor.Reciprocal() : factor, Dimension * power);
    }
}
