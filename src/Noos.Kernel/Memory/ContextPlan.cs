using Noos.Core.Conversations;

namespace Noos.Kernel.Memory;

/// <summary>The pages of a conversation, and what becomes of them at a <see cref="PageLevel"/>.</summary>
sealed class ContextPlan
{
    // Markup of a message, about.
    const int MessageTokens = 6;

    // What stays of an answer that is only there for the sake of a pinned page.
    const int TrimmedTokens = 32;

    readonly IReadOnlyList<Message> _messages;
    readonly IReadOnlyDictionary<int, PageMark> _marks;
    readonly bool _canRecall;
    readonly List<FittedPage> _pages = [];

    // By the index of a message: its first page, its turn (-1 for system messages), the round of calls it belongs to (-1 for none).
    readonly int[] _first;
    readonly int[] _turn;
    readonly int[] _round;
    readonly List<int> _turnStarts = [];
    readonly List<long> _turnTokens = [];
    readonly HashSet<int> _pinnedRounds = [];
    readonly HashSet<int> _pinnedTurns = [];
    readonly int _firstRoundOfLastTurn;
    int _rounds;
    int _openRound = -1;

    // In the order of their last pages.
    readonly CountedSummary[] _summaries;

    public ContextPlan(
        Conversation conversation, Func<Part, int> count, IReadOnlyDictionary<int, PageMark> marks, bool canRecall,
        IReadOnlyList<ContextSummary> summaries)
    {
        _summaries =
        [
            .. summaries.OrderBy(summary => summary.LastPage)
                .Select(summary => new CountedSummary(summary.LastPage, summary.ToPart(), count)),
        ];
        (_messages, _marks, _canRecall) = (conversation.Messages, marks, canRecall);
        (_first, _turn, _round) = (new int[_messages.Count + 1], new int[_messages.Count], new int[_messages.Count]);
        for (var index = 0; index < _messages.Count; index++)
        {
            Add(index, count);
        }

        _first[^1] = _pages.Count;
        var last = Turns - 1;
        var first = 0;
        while (first < _messages.Count && !(_turn[first] == last && _round[first] >= 0))
        {
            first++;
        }

        _firstRoundOfLastTurn = first < _messages.Count ? _round[first] : _rounds;
        OldResults =
        [
            .. _pages.Where(page => page.Part is ToolResultPart && _turn[page.Message] == last && page.Message < _messages.Count - 1
                && page.Tokens > PageStub.Tokens && MarkOf(page) == PageMark.None),
        ];
    }

    /// <summary>How many turns there are: a question with all up to the next one.</summary>
    public int Turns => _turnStarts.Count;

    /// <summary>Results of tools in the last turn that the model has read already and that may go.</summary>
    public IReadOnlyList<FittedPage> OldResults { get; }

    /// <summary>Rounds of calls in the last turn but the last of them.</summary>
    public int OldRounds => Math.Max(0, _rounds - _firstRoundOfLastTurn - 1);

    public long TokensOfTurn(int turn) => _turnTokens[turn];

    public bool HasLarger(int tokens) => _pages.Exists(page => page.Tokens > tokens + PageStub.Tokens);

    /// <summary>About how many tokens are shown, without those of the layout.</summary>
    public long Estimate(PageLevel level)
    {
        var tokens = SummaryIndex(level) is >= 0 and var summary ? _summaries[summary].Tokens : 0L;
        for (var index = 0; index < _messages.Count; index++)
        {
            var shown = 0L;
            for (var page = _first[index]; page < _first[index + 1]; page++)
            {
                shown += FateOf(_pages[page], level) switch
                {
                    PageFate.Keep => _pages[page].Tokens,
                    PageFate.Stub => PageStub.Tokens,
                    PageFate.Shorten => level.Piece + PageStub.Tokens,
                    PageFate.Trim => TrimmedTokens + PageStub.Tokens,
                    _ => 0,
                };
            }

            tokens += shown + (shown > 0 ? MessageTokens : 0);
        }

        return tokens;
    }

    public int[] Render(PageLevel level, Func<Conversation, int[]> render) => render(Compose(level, out _, out _, out _));

    /// <summary>The result.</summary>
    /// <param name="level">What is paged out.</param>
    /// <param name="tokens">What is left, rendered.</param>
    public FittedContext Complete(PageLevel level, int[] tokens)
    {
        var shown = Compose(level, out var pages, out var omitted, out var summary);
        return new FittedContext(shown, tokens, pages, omitted) { GonePages = GonePages(level), Summary = summary };
    }

    int GonePages(PageLevel level) => level.Turn == 0 ? 0 : _first[_turnStarts[level.Turn]];

    /// <summary>The one that says most of what went, and nothing of what is shown; -1 for none.</summary>
    int SummaryIndex(PageLevel level) =>
        level.Turn == 0 ? -1 : Array.FindLastIndex(_summaries, summary => summary.LastPage <= GonePages(level));

    void Add(int index, Func<Part, int> count)
    {
        var message = _messages[index];
        _first[index] = _pages.Count;
        if (message.Role == Role.System)
        {
            _turn[index] = -1;
        }
        else
        {
            if (message.Role == Role.User || Turns == 0)
            {
                _turnStarts.Add(index);
                _turnTokens.Add(0);
            }

            _turn[index] = Turns - 1;
        }

        if (message.Role != Role.System)
        {
            _openRound = message.Role == Role.Assistant && message.Parts.Any(part => part is ToolCallPart) ? _rounds++
                : message.Role == Role.Tool ? _openRound
                : -1;
        }

        _round[index] = message.Role == Role.System ? -1 : _openRound;
        foreach (var part in message.Parts)
        {
            var page = new FittedPage(_pages.Count + 1, index, part, count(part));
            _pages.Add(page);
            if (_turn[index] >= 0)
            {
                _turnTokens[^1] += page.Tokens;
            }

            if (MarkOf(page) == PageMark.Pinned)
            {
                _pinnedTurns.Add(_turn[index]);
                _pinnedRounds.Add(_round[index]);
            }
        }

        if (_turn[index] >= 0)
        {
            _turnTokens[^1] += MessageTokens;
        }
    }

    PageMark MarkOf(FittedPage page) => _marks.GetValueOrDefault(page.Number);

    PageFate FateOf(FittedPage page, PageLevel level)
    {
        var (turn, round, mark) = (_turn[page.Message], _round[page.Message], MarkOf(page));
        if (turn < 0 || mark == PageMark.Pinned)
        {
            return PageFate.Keep;
        }

        var isLast = turn == Turns - 1;
        var isRoundGone = turn < level.Turn || (isLast && round >= 0 && round < _firstRoundOfLastTurn + level.Rounds);
        if (isRoundGone)
        {
            return FateOfOld(page, turn, round);
        }

        if (page.Part is ToolCallPart)
        {
            return page.Tokens > (long)level.Piece + PageStub.Tokens ? PageFate.Shorten : PageFate.Keep;
        }

        var isOldStep = isLast && page.Number <= level.Stubs;
        if (mark == PageMark.Dropped || (isOldStep && page.Part is ToolResultPart or ThoughtPart))
        {
            return page.Part switch
            {
                ThoughtPart => PageFate.Gone,
                _ => page.Tokens > PageStub.Tokens || mark == PageMark.Dropped ? PageFate.Stub : PageFate.Keep,
            };
        }

        var isQuestion = isLast && _messages[page.Message].Role == Role.User;
        return page.Tokens <= (long)level.Piece + PageStub.Tokens || (isQuestion && level.HasWholeQuestion) ? PageFate.Keep
            : page.Part is ThoughtPart ? PageFate.Gone
            : PageFate.Shorten;
    }

    /// <summary>
    /// Of a turn that goes, what pinned pages need around them stays: the call of a result, and something of question and answer, because
    /// many chat templates refuse roles that do not alternate.
    /// </summary>
    PageFate FateOfOld(FittedPage page, int turn, int round)
    {
        if (round >= 0)
        {
            return !_pinnedRounds.Contains(round) ? PageFate.Gone
                : page.Part switch
                {
                    ToolCallPart => PageFate.Keep,
                    ToolResultPart => page.Tokens > PageStub.Tokens ? PageFate.Stub : PageFate.Keep,
                    _ => PageFate.Gone,
                };
        }

        if (!_pinnedTurns.Contains(turn) || page.Part is ThoughtPart)
        {
            return PageFate.Gone;
        }

        // Stubs put into its mouth would teach a model to write stubs: a little of what it said stays instead.
        return _messages[page.Message].Role == Role.Assistant
                ? page.Tokens > TrimmedTokens + PageStub.Tokens ? PageFate.Trim : PageFate.Keep
            : page.Number > _first[page.Message] + 1 ? PageFate.Gone
            : page.Tokens > PageStub.Tokens ? PageFate.Stub
            : PageFate.Keep;
    }

    Conversation Compose(PageLevel level, out List<FittedPage> pages, out int omitted, out FittedPage? summary)
    {
        summary = null;
        pages = new List<FittedPage>(_pages.Count);
        var messages = new List<Message>(_messages.Count);
        for (var index = 0; index < _messages.Count; index++)
        {
            var message = _messages[index];
            var parts = new List<Part>(message.Parts.Count);
            if (level.Turn > 0 && index == _turnStarts[level.Turn] && SummaryIndex(level) is >= 0 and var known)
            {
                // With the question, because many chat templates refuse a message of its own there.
                var (_, part, tokens) = _summaries[known];
                summary = new FittedPage(ContextSummary.PageNumber, index, part, tokens) { Shown = part };
                parts.Add(part);
            }

            for (var i = _first[index]; i < _first[index + 1]; i++)
            {
                var page = Show(_pages[i], level);
                pages.Add(page);
                if (page.Shown is { } shown)
                {
                    parts.Add(shown);
                }
            }

            // What nobody said anything with goes with its turn.
            if (parts.Count > 0 || (message.Parts.Count == 0 && (_turn[index] < 0 || _turn[index] >= level.Turn)))
            {
                var isSame = parts.SequenceEqual(message.Parts, ReferenceEqualityComparer.Instance);
                messages.Add(isSame ? message : message with { Parts = parts });
            }
        }

        omitted = _messages.Count - messages.Count;
        return new Conversation(messages);
    }

    FittedPage Show(FittedPage page, PageLevel level)
    {
        switch (FateOf(page, level))
        {
            case PageFate.Keep:
                return page with { Shown = page.Part };
            case PageFate.Shorten:
                return Shorten(page, level.Piece);
            case PageFate.Trim:
                return Shorten(page, TrimmedTokens);
            case PageFate.Stub:
                return page with
                {
                    Shown = PageStub.Replace(page, _canRecall),
                    State = PageState.Out,
                    PagedOutTokens = page.Tokens,
                };
            default:
                return page with { State = PageState.Out, PagedOutTokens = page.Tokens };
        }
    }

    FittedPage Shorten(FittedPage page, int tokens) =>
        PageStub.Shorten(page, tokens, _canRecall) is var part && !ReferenceEquals(part, page.Part)
            ? page with { Shown = part, State = PageState.Part, PagedOutTokens = page.Tokens - tokens }
            : page with { Shown = page.Part };

    enum PageFate
    {
        Keep,
        Stub,
        Shorten,
        Trim,
        Gone,
    }

    sealed record CountedSummary(int LastPage, TextPart Part, int Tokens)
    {
        public CountedSummary(int lastPage, TextPart part, Func<Part, int> count)
            : this(lastPage, part, count(part))
        {
        }
    }
}
