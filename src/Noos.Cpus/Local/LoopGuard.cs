using System.Buffers;
using System.Globalization;
using System.Text;
using Noos.Inference.ToolCalls;

namespace Noos.Cpus.Local;

/// <summary>
/// Ends an answer that repeats itself. A period of 1 to 20 pieces (what one token each wrote) that comes for the third time in a row is cut
/// back to its first occurrence; whatever may become such a repeat is held back, so that nothing of it is ever shown. Calls are no text and
/// pass. Not thread-safe.
/// </summary>
/// <remarks>
/// What repeats itself with reason may do so longer: one word ("ha ha ha") or quotation mark up to 8 times, two words 4 times; what has
/// no letters (rules, zeros, blank cells, emoji), a single character ("zzz") and code between <c>```</c> up to 100 pieces; and what
/// stands in the request together with a number, as often as that says. Longer loops are not held back, so they end where they are
/// noticed: periods of up to 256 pieces after two occurrences, and text that turns in circles with small changes, which shows in few
/// distinct sequences of four words.
/// </remarks>
/// <param name="request">What the user asked for last; null where nobody knows.</param>
/// <param name="isCode">Everything counts as code.</param>
sealed class LoopGuard(string? request, bool isCode = false)
{
    /// <summary>Said where the cut leaves nothing of an answer.</summary>
    public const string NoAnswer = "I do not know.";

    const int MaxPeriod = 20;
    const int MaxLongPeriod = 256;

    // Occurrences in a row that stand, by the number of words in the period.
    const int MaxOccurrences = 2;
    const int MaxPairs = 4;
    const int MaxWords = 8;

    // Pieces of a run that has no letters or is code.
    const int MaxRun = 100;

    // A request for more than this is not taken literally; s_numbers begins with the least.
    const int MinRequested = 3;
    const int MaxRequested = 100;

    // Of 2,400 texts by a large model 2 fall below the first share, both faulty; tables come down to 0.66 and songs to 0.7.
    const double MinDistinctWords = 0.6;
    const double MinDistinctPieces = 0.3;

    static readonly SearchValues<char> s_quotes = SearchValues.Create("\"\u201C\u201D\u201E\u00AB\u00BB");

    static readonly string[] s_numbers = ["three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    readonly string[] _request = [.. Words(request ?? "")];
    readonly List<string> _originals = [];
    readonly List<string> _texts = [];
    // For each period: how many of the last pieces equal the one a period before them.
    readonly int[] _runs = new int[MaxLongPeriod + 1];
    readonly List<AnswerPiece> _held = [];
    readonly SequenceDiversity _words = new(100);
    readonly SequenceDiversity _pieces = new(256);
    readonly StringBuilder _word = new();
    bool _isThought;
    bool _isFenced;
    int _backticks;

    /// <summary>A loop was found: nothing more comes.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes the next piece and appends what can be shown now.</summary>
    public void Push(AnswerPiece piece, List<AnswerPiece> output)
    {
        if (IsStopped)
        {
            return;
        }

        if (piece is CallPiece || piece is ThoughtPiece != _isThought)
        {
            Flush(output);
            Restart(piece is ThoughtPiece);
        }

        if (piece is CallPiece)
        {
            output.Add(piece);
            return;
        }

        _held.Add(piece);
        Advance(piece is ThoughtPiece thought ? thought.Text : ((TextPiece)piece).Text);
        Release(HeldLength(), output);
    }

    /// <summary>Appends what was held back, now that no more pieces come.</summary>
    public void Flush(List<AnswerPiece> output) => Release(0, output);

    /// <summary>Forgets what came before.</summary>
    public void Restart(bool isThought = false)
    {
        (_isThought, _isFenced, _backticks) = (isThought, false, 0);
        _originals.Clear();
        _texts.Clear();
        Array.Clear(_runs);
        ClearDiversity();
    }

    void Release(int held, List<AnswerPiece> output)
    {
        var count = Math.Max(0, _held.Count - held);
        output.AddRange(_held[..count]);
        _held.RemoveRange(0, count);
    }

    void Advance(string text)
    {
        foreach (var character in text)
        {
            _backticks = character == '`' ? _backticks + 1 : 0;
            _isFenced ^= _backticks == 3;
            if (!char.IsWhiteSpace(character))
            {
                _word.Append(character);
            }
            else if (_word.Length > 0)
            {
                _words.Push(_word.ToString());
                _word.Clear();
            }
        }

        _originals.Add(text);
        // The first word of an answer lacks the space, that of a sentence has a capital: they are the same words all the same.
        text = text.TrimStart(' ') is { Length: > 0 } word ? word.ToLowerInvariant() : text;
        _pieces.Push(text);
        _texts.Add(text);
        var last = _texts.Count - 1;
        for (var period = 1; period <= MaxLongPeriod; period++)
        {
            _runs[period] = period <= last && _texts[last - period] == text ? _runs[period] + 1 : 0;
        }
    }

    /// <summary>How many of the last pieces may become a loop. Where they are one, they are dropped.</summary>
    int HeldLength()
    {
        var held = 0;
        for (var period = 1; period <= MaxLongPeriod; period++)
        {
            // Long periods count from their second occurrence on. The run of a multiple says nothing new.
            if (_runs[period] < (period > MaxPeriod ? period : 1) || IsMultiple(period))
            {
                continue;
            }

            var (limit, kept) = Limit(period);
            var surplus = _runs[period] + period - kept;
            if (_runs[period] + period > limit)
            {
                Stop(surplus);
                return 0;
            }

            held = Math.Max(held, surplus);
        }

        if (_words.Share < MinDistinctWords || _pieces.Share < MinDistinctPieces)
        {
            Stop(held);
            return 0;
        }

        return held;
    }

    void Stop(int dropped)
    {
        IsStopped = true;
        dropped = Math.Clamp(dropped, 1, _held.Count);
        _held.RemoveRange(_held.Count - dropped, dropped);
    }

    bool IsMultiple(int period)
    {
        for (var part = 1; part <= period / 2; part++)
        {
            if (period % part == 0 && _runs[part] >= period)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The longest run of a period that stands, and how much of a longer one is kept, in pieces.</summary>
    (int Limit, int Kept) Limit(int period)
    {
        var start = _texts.Count - _runs[period] - period;
        // Sub-word pieces lose the space that says where a word begins, so words are counted in the original texts.
        var unit = string.Concat(_originals.Skip(start).Take(period));
        var words = Words(unit).ToArray();
        if (unit.AsSpan().Trim(' ') is { Length: > 0 } marks && !marks.ContainsAnyExcept(s_quotes))
        {
            // Unlike a rule or blank cells, a row of quotes means nothing, in code neither.
            return Unheld(MaxWords);
        }

        if (isCode || _isFenced || unit.Length == 1 || !unit.Any(char.IsLetter))
        {
            return Unheld(Math.Max(MaxRun, (3 * period) - 1));
        }

        if (Requested(words) is var times and > 0)
        {
            // What was asked for does not count as going in circles.
            ClearDiversity();
            return Unheld(Math.Max(times + 1, MaxOccurrences) * period);
        }

        if (period > MaxPeriod)
        {
            return ((2 * period) + MaxPeriod, 2 * period);
        }

        var occurrences = words.Length switch
        {
            1 => MaxWords,
            2 => MaxPairs,
            _ => MaxOccurrences,
        };
        return (((occurrences + 1) * period) - 1, period);

        static (int Limit, int Kept) Unheld(int limit) => (limit, int.MaxValue);
    }

    void ClearDiversity()
    {
        _words.Clear();
        _pieces.Clear();
        _word.Clear();
    }

    /// <summary>How often the request wants these words, which may begin anywhere in the period; 0 where it does not.</summary>
    int Requested(string[] words)
    {
        var times = 0;
        foreach (var word in _request)
        {
            var number = int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var digits)
                ? digits
                : Array.IndexOf(s_numbers, word) + MinRequested;
            times = number is >= MinRequested and <= MaxRequested ? Math.Max(times, number) : times;
        }

        if (times == 0 || words.Length == 0)
        {
            return 0;
        }

        for (var first = 0; first < words.Length; first++)
        {
            if (_request.AsSpan().IndexOf([.. words[first..], .. words[..first]]) >= 0)
            {
                return times;
            }
        }

        return 0;
    }

    /// <summary>The words of a text in small letters; where a script has no spaces, each character is one.</summary>
    static IEnumerable<string> Words(string text)
    {
        const char FirstIdeograph = '\u2E80';
        var start = -1;
        for (var index = 0; index <= text.Length; index++)
        {
            var character = index < text.Length ? text[index] : ' ';
            var isInWord = char.IsLetterOrDigit(character) || (start >= 0 && character is '\'' or '\u2019');
            if (start >= 0 && (!isInWord || character >= FirstIdeograph))
            {
                yield return text[start..index].ToLowerInvariant();
                start = -1;
            }

            if (start < 0 && isInWord)
            {
                start = index;
            }
        }
    }
}
