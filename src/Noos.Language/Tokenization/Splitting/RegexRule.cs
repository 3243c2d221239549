using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Noos.Language.Tokenization.Splitting;

/// <summary>
/// A pre-tokenizer as a list of regular expressions, each of which cuts the pieces of the one before into its matches and what lies
/// between them. Thread-safe.
/// </summary>
/// <remarks>
/// As in llama.cpp, an expression with Unicode categories sees a text in which every character beyond ASCII is replaced by a
/// stand-in of its category, so that a character of two UTF-16 units is one, as it is for the authors of these expressions. The others
/// see the characters themselves.
/// </remarks>
sealed class RegexRule
{
    // Stand-ins: a character of each category, and for what lies beyond the basic plane.
    const char SpaceStandIn = '\v';
    const char NumberStandIn = '²';
    const char LetterStandIn = 'ß';
    const char MarkStandIn = '\u0301';
    const char PunctuationStandIn = '¡';
    const char SymbolStandIn = '¦';
    const char OtherStandIn = '\uFFFF';

    /// <summary>For the capital and small letters beyond the basic plane in the expressions of DeepSeek.</summary>
    public const char CasedStandIn = '\uE000';

    /// <summary>
    /// In place of an expression: cuts a number into groups of three digits from its right. As in llama.cpp, what stands before a number
    /// stays with its first group, for the next expression to cut.
    /// </summary>
    public const string DigitGroups = "DigitGroups";

    readonly Stage[] _stages;

    /// <param name="patterns">The expressions, the first to apply first. Each must be linear in its text.</param>
    public RegexRule(params string[] patterns) =>
        _stages = Array.ConvertAll<string, Stage>(patterns, pattern =>
            pattern == DigitGroups ? new DigitGroupStage() : new RegexStage(pattern));

    /// <summary>The ends of all pieces, as positions in <paramref name="text"/>.</summary>
    public int[] Ends(ReadOnlySpan<byte> text)
    {
        var starts = new List<int>(text.Length + 1);
        var characters = new char[text.Length];
        var categories = new char[text.Length];
        for (var position = 0; position < text.Length;)
        {
            starts.Add(position);
            var isValid = Rune.DecodeFromUtf8(text[position..], out var rune, out var length) == System.Buffers.OperationStatus.Done;
            categories[starts.Count - 1] = CategoryOf(rune);
            characters[starts.Count - 1] = CharacterOf(rune);
            position += isValid ? length : 1;
        }

        var count = starts.Count;
        starts.Add(text.Length);
        var ends = new List<int> { count };
        foreach (var stage in _stages)
        {
            ends = Cut(stage, stage.SeesCategories ? categories.AsSpan(0, count) : characters.AsSpan(0, count), ends);
        }

        return [.. ends.Select(end => starts[end])];
    }

    static char CategoryOf(Rune rune) => rune.IsAscii
        ? (char)rune.Value
        : Rune.IsWhiteSpace(rune) ? SpaceStandIn : Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => LetterStandIn,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => NumberStandIn,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => MarkStandIn,
            UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
                or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
                or UnicodeCategory.OtherPunctuation => PunctuationStandIn,
            UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol =>
                SymbolStandIn,
            _ => OtherStandIn,
        };

    static char CharacterOf(Rune rune) => rune.Value switch
    {
        < 0x80 => (char)rune.Value,
        CasedStandIn => OtherStandIn,
        <= 0xFFFF => Rune.IsWhiteSpace(rune) ? SpaceStandIn : (char)rune.Value,
        (>= 0x10400 and <= 0x1044F) or (>= 0x104B0 and <= 0x104D3) or (>= 0x104D8 and <= 0x104FB) or (>= 0x10C80 and <= 0x10CB2)
            or (>= 0x10CC0 and <= 0x10CF2) or (>= 0x118A0 and <= 0x118DF) or (>= 0x1E900 and <= 0x1E943) => CasedStandIn,
        _ => OtherStandIn,
    };

    static List<int> Cut(Stage stage, ReadOnlySpan<char> text, List<int> pieces)
    {
        var ends = new List<int>(pieces.Count);
        var start = 0;
        foreach (var end in pieces)
        {
            stage.Cut(text[start..end], start, ends);
            if (ends.Count == 0 || ends[^1] < end)
            {
                ends.Add(end);
            }

            start = end;
        }

        return ends;
    }

    abstract class Stage(bool seesCategories)
    {
        public bool SeesCategories => seesCategories;

        /// <summary>Adds the ends of the parts of a piece; the last may be missing.</summary>
        public abstract void Cut(ReadOnlySpan<char> piece, int start, List<int> ends);
    }

    sealed class RegexStage(string pattern) : Stage(pattern.Contains(@"\p{", StringComparison.Ordinal))
    {
        // Compiling takes tens of milliseconds, so only for a rule that is used.
        readonly Lazy<Regex> _regex = new(() =>
            new Regex(
                pattern,
                RegexOptions.Compiled | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
                Regex.InfiniteMatchTimeout));

        public override void Cut(ReadOnlySpan<char> piece, int start, List<int> ends)
        {
            var position = 0;
            foreach (var match in _regex.Value.EnumerateMatches(piece))
            {
                if (match.Index > position)
                {
                    ends.Add(start + match.Index);
                }

                position = match.Index + match.Length;
                ends.Add(start + position);
            }
        }
    }

    sealed class DigitGroupStage() : Stage(seesCategories: true)
    {
        public override void Cut(ReadOnlySpan<char> piece, int start, List<int> ends)
        {
            for (var position = 0; position < piece.Length; position++)
            {
                var digits = 0;
                while (position + digits < piece.Length
                    && (char.IsAsciiDigit(piece[position + digits]) || piece[position + digits] == NumberStandIn))
                {
                    digits++;
                }

                for (var group = digits % 3 == 0 ? Math.Min(digits, 3) : digits % 3; group > 0; group = Math.Min(3, digits))
                {
                    position += group;
                    digits -= group;
                    ends.Add(start + position);
                }
            }
        }
    }
}
