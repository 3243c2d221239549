using System.Globalization;
using System.Text.RegularExpressions;

namespace Noos.Cpus.Library;

/// <summary>
/// The name of one file of a model: alone, or one of several as llama-gguf-split names them, <c>NAME-00001-of-00003.gguf</c>.
/// </summary>
/// <param name="Stem">What all files of the model have in common.</param>
/// <param name="Number">From 1.</param>
sealed partial record SplitName(string Stem, int Number, int Count)
{
    public const string Extension = ".gguf";

    public string FileName =>
        Count == 1 ? Stem + Extension : string.Create(CultureInfo.InvariantCulture, $"{Stem}-{Number:D5}-of-{Count:D5}{Extension}");

    /// <summary>The names of all files of the model.</summary>
    public IEnumerable<string> All
    {
        get
        {
            var name = this;
            return Enumerable.Range(1, Count).Select(number => (name with { Number = number }).FileName);
        }
    }

    /// <summary>Null when it is not the name of a GGUF file.</summary>
    public static SplitName? Parse(string path)
    {
        if (!path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var match = Numbers().Match(path);
        return match.Success
            && int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) is >= 1 and var number
            && int.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) is >= 2 and var count
            && number <= count
            ? new SplitName(path[..match.Index], number, count)
            : new SplitName(path[..^Extension.Length], 1, 1);
    }

    [GeneratedRegex(@"-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Numbers();
}
