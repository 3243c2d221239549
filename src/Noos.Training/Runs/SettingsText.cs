using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Noos.Training.Runs;

/// <summary>
/// Settings as canonical text, one "name=value" per line in the order added, and its hash. A field at its default is left out, so that
/// adding a setting later changes neither text nor hash of what was made before it existed.
/// </summary>
/// <remarks>
/// The default given here is the one that the field had when it was first hashed, a literal, not what the settings start with today: if
/// that changes, old plans that relied on it must not pass for new ones.
/// </remarks>
sealed class SettingsText
{
    readonly StringBuilder _text = new();

    /// <summary>Adds a field unless it has its default.</summary>
    public SettingsText Add(string name, string value, string hashedDefault)
    {
        if (value != hashedDefault)
        {
            // A value cannot end its line and pass for another field.
            _text.Append(name).Append('=').Append(value.Replace("\\", @"\\").Replace("\n", @"\n")).Append('\n');
        }

        return this;
    }

    /// <inheritdoc cref="Add(string, string, string)"/>
    public SettingsText Add(string name, long value, long hashedDefault) => Add(name, Format(value), Format(hashedDefault));

    /// <inheritdoc cref="Add(string, string, string)"/>
    public SettingsText Add(string name, double value, double hashedDefault) => Add(name, Format(value), Format(hashedDefault));

    /// <summary>XxHash3 of the text, 16 hexadecimal digits.</summary>
    public string Hash() => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(ToString())).ToString("x16", CultureInfo.InvariantCulture);

    public override string ToString() => _text.ToString();

    static string Format(long value) => value.ToString(CultureInfo.InvariantCulture);

    // The shortest text that reads back to the same number.
    static string Format(double value) => value.ToString("r", CultureInfo.InvariantCulture);
}
