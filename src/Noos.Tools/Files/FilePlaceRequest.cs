using System.Globalization;
using System.Text.RegularExpressions;
using Noos.Corpus.Documents;

namespace Noos.Tools.Files;

/// <summary>The part of a file that is asked for, as people and models write it: "page 3", "rows 10-20", "sheet Sales", "4".</summary>
/// <param name="Within">A sheet, a chapter, an entry; null for the file.</param>
/// <param name="First">The first page, row, line; null for all.</param>
/// <param name="Last">The last; null for as many as fit.</param>
/// <param name="Piece">Which piece of one that is too long to be shown at once; from 1.</param>
sealed partial record FilePlaceRequest(string? Within, int? First, int? Last, int Piece = 1)
{
    static readonly string[] s_kinds = ["sheet ", "chapter ", "entry "];

    /// <summary>Reads any text: what has no number is the name of a part.</summary>
    public static FilePlaceRequest Parse(string text)
    {
        text = text.Trim().Trim('[', ']', '"', '\'', '.').Trim();
        var piece = 1;
        if (PieceAtEnd().Match(text) is { Success: true } cut)
        {
            piece = Math.Max(1, Number(cut.Groups["piece"]) ?? 1);
            text = text[..cut.Index].Trim();
        }

        var range = RangeAtEnd().Match(text);
        if (!range.Success)
        {
            return new FilePlaceRequest(text.Length == 0 ? null : text, null, null, piece);
        }

        var (first, last) = (Number(range.Groups["first"]), Number(range.Groups["last"]));
        var within = text[..range.Index].Trim().TrimEnd(',', ':', ';').Trim();
        return new FilePlaceRequest(within.Length == 0 ? null : within, first, last, piece);
    }

    /// <summary>From where a reader may begin; null where it must give all.</summary>
    public DocumentPlace? ToPlace() => First is null && Kind is null
        ? null
        : new DocumentPlace("", First ?? 1, First ?? 1) { Within = Kind is null ? null : Within };

    /// <summary>Whether a place is in the part that is named.</summary>
    public bool IsWithin(DocumentPlace? place)
    {
        if (Within is null)
        {
            return true;
        }

        var name = place?.Within ?? "";
        return Is(name, Within) || s_kinds.Any(kind => Is(name, kind + Within));

        static bool Is(string name, string wanted) => name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)
            && (name.Length == wanted.Length || name[wanted.Length] == ',');
    }

    string? Kind => Within is null ? null : Array.Find(s_kinds, kind => Within.StartsWith(kind, StringComparison.OrdinalIgnoreCase));

    static int? Number(Group digits) =>
        digits.Success && int.TryParse(digits.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(
        @"[,;\s]+(part|piece)\s+(?<piece>\d{1,9})$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex PieceAtEnd();

    // A number alone, or behind the name of a unit; "chapter 2" and "sheet 2024" are names.
    [GeneratedRegex(
        @"(^|(^|[\s,;:])(pages?|p\.|slides?|rows?|lines?|records?|sections?)\s*)(?<first>\d{1,9})(\s*(-|–|to|\.\.)\s*(?<last>\d{1,9})?)?$",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RangeAtEnd();
}
