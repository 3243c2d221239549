namespace Noos.Tools.Units;

/// <summary>The powers of the base quantities in a quantity: an area has length 2, a speed length 1 and time -1.</summary>
readonly record struct Dimension(int Length = 0, int Mass = 0, int Time = 0, int Temperature = 0, int Data = 0, int Angle = 0)
{
    static readonly Dictionary<Dimension, string> s_names = new (Dimension Dimension, string Name)[]
    {
        (default, "a plain number"), (new(1), "a length"), (new(2), "an area"), (new(3), "a volume"), (new(0, 1), "a mass"),
        (new(0, 0, 1), "a time"), (new(1, 0, -1), "a speed"), (new(1, 0, -2), "an acceleration"), (new(1, 1, -2), "a force"),
        (new(-1, 1, -2), "a pressure"), (new(2, 1, -2), "an energy"), (new(2, 1, -3), "a power"), (new(0, 0, -1), "a frequency"),
        (new(0, 0, 0, 1), "a temperature"), (new(0, 0, 0, 0, 1), "an amount of data"), (new(0, 0, -1, 0, 1), "a data rate"),
        (new(0, 0, 0, 0, 0, 1), "an angle"), (new(-2), "a fuel economy"), (new(-3, 1), "a density"),
    }.ToDictionary(known => known.Dimension, known => known.Name);

    public static Dimension operator +(Dimension one, Dimension other) => new(
        one.Length + other.Length, one.Mass + other.Mass, one.Time + other.Time, one.Temperature + other.Temperature, one.Data + other.Data,
        one.Angle + other.Angle);

    public static Dimension operator *(Dimension one, int power) => new(
        one.Length * power, one.Mass * power, one.Time * power, one.Temperature * power, one.Data * power, one.Angle * power);

    /// <summary>What has this dimension, with its article; null where there is no usual word.</summary>
    public string? Name => s_names.GetValueOrDefault(this);
}
