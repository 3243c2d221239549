namespace Noos.Corpus.Cleaning.Signals;

/// <summary>Measured values by name, in the order in which they were measured. Rounded to four digits behind the point.</summary>
public sealed class SignalSet
{
    const int Digits = 4;

    readonly List<KeyValuePair<string, double>> _values = [];

    public IReadOnlyList<KeyValuePair<string, double>> Values => _values;

    /// <summary>A value; null where it was not measured.</summary>
    public double? this[string name]
    {
        get
        {
            foreach (var (key, value) in _values)
            {
                if (key == name)
                {
                    return value;
                }
            }

            return null;
        }
    }

    public void Add(string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _values.Add(new(name, double.IsFinite(value) ? Math.Round(value, Digits, MidpointRounding.AwayFromZero) : 0));
    }
}
