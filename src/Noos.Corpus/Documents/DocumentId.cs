using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Noos.Core;

namespace Noos.Corpus.Documents;

/// <summary>
/// Identity of a document: XxHash3-128 of its source and address. Two of a billion documents share one with a probability of 1e-21.
/// </summary>
public readonly record struct DocumentId(UInt128 Value)
{
    public static DocumentId From(string source, string address)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(address);
        // A zero between the two: ("a", "bc") and ("ab", "c") differ.
        return new DocumentId(XxHash128.HashToUInt128(Encoding.UTF8.GetBytes($"{source}\0{address}")));
    }

    /// <summary>Reads the 32 digits of <see cref="ToString"/>.</summary>
    /// <exception cref="NoosException">They are not an id (<see cref="ErrorKind.Invalid"/>).</exception>
    public static DocumentId Parse(string text) =>
        text is { Length: 32 } && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? new DocumentId(value)
            : throw new NoosException($"'{text}' is not the id of a document, which has 32 hexadecimal digits.");

    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
