using System.Globalization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Kernel.Memory;

namespace Noos.Kernel.Processes;

/// <summary>Reads the context of a process: its page table, and what was paged out. All of it follows from the journal.</summary>
sealed class ProcessContext(ProcessTable table)
{
    public ContextTable Read(long process)
    {
        var record = table.Get(process);
        var history = table.ReadHistory(process);
        var turn = TurnOf(record, history);
        var (map, problem) = TryMap(turn);
        var mapped = map?.Pages.ToDictionary(page => page.Page.Number) ?? [];
        ContextPage[] pages =
        [
            .. Pages(turn, history).Select(page => mapped.GetValueOrDefault(page.Page) is { } shown
                ? page with { State = shown.Page.State, Tokens = shown.Page.Tokens, ShownTokens = shown.ShownTokens }
                : page),
        ];
        var summary = map?.Summary is not { } made ? null : new ContextPage(0, PageKind.Summary, Role.User, PageMark.None)
        {
            State = PageState.In,
            Tokens = made.Page.Tokens,
            ShownTokens = made.ShownTokens,
            Preview = PageText.Preview(made.Page.Part),
        };
        return new ContextTable(
            process, map is null ? null : table.Cpu!.Describe(turn.Model).Name, summary is null ? pages : [summary, .. pages])
        {
            WindowTokens = map?.WindowTokens ?? WindowOf(record),
            PromptTokens = map?.PromptTokens,
            LayoutTokens = map?.LayoutTokens,
            PagedOutTokens = map?.Pages.Sum(page => (long)page.Page.PagedOutTokens),
            Problem = problem,
        };
    }

    int? WindowOf(ProcessRecord record)
    {
        try
        {
            return table.Cpu?.Describe(record.Program.Model).MaxTokens;
        }
        catch (NoosException)
        {
            // Its model is not here any more.
            return null;
        }
    }

    /// <exception cref="NoosException">The page cannot be marked so.</exception>
    public void RequireMarkable(long process, int number, PageMark mark)
    {
        var context = Read(process);
        var problem = context.Pages.FirstOrDefault(page => page.Page == number) switch
        {
            null => $"Process {process} has no page {number}; 'noos context {process}' lists those it has.",
            { Kind: PageKind.Summary } =>
                $"Page {number} is the summary of what left the window, which comes and goes with it; choose another page.",
            { Kind: PageKind.System } => $"Page {number} holds instructions, which always stay; choose another page.",
            { Kind: PageKind.ToolCall } when mark == PageMark.Dropped =>
                $"Page {number} is a call, which never goes without its result; drop the page of the result.",
            { Mark: PageMark.Pinned } when mark == PageMark.Dropped => $"Page {number} is pinned; unpin it first.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new NoosException(ErrorKind.Invalid, problem) { Parameter = "page" };
        }

        if (mark == PageMark.Pinned)
        {
            RequireRoom(context, context.Pages.First(page => page.Page == number));
        }
    }

    /// <summary>Passages of what is paged out, the best first.</summary>
    /// <param name="process">Of which process.</param>
    /// <param name="words">What is looked for.</param>
    /// <param name="page">Only in this page; null for all.</param>
    /// <param name="maxLength">Characters of all together.</param>
    /// <returns>Each with its place before it, and with the label of what it is a passage of.</returns>
    public IReadOnlyList<TextPart> Recall(long process, string words, int? page, int maxLength)
    {
        var record = table.Get(process);
        var history = table.ReadHistory(process);
        var turn = TurnOf(record, history);
        var (map, _) = TryMap(turn);
        var isOut = map?.Pages.Where(one => one.Page.PagedOutTokens > 0).Select(one => one.Page.Number).ToHashSet();
        var search = new PassageSearch();
        var pages = new Dictionary<int, (ContextPage Page, Message Message, Part Part)>();
        foreach (var (found, message, part) in Parts(turn, history))
        {
            // What was recalled before stands in its own place, too.
            if ((isOut is null || isOut.Contains(found.Page)) && (page ?? found.Page) == found.Page
                && found.Kind is PageKind.Message or PageKind.ToolResult or PageKind.File && found.Name != RecallDeclaration.Name)
            {
                pages[found.Page] = (found, message, part);
                search.Add(found.Page, PageText.Get(part));
            }
        }

        const int Place = 80;
        var left = Math.Max(Place, maxLength - Place);
        var passages = search.Find(words, left);
        if (passages.Count == 0 && page is { } only && pages.TryGetValue(only, out var whole))
        {
            // Asked for by its number it is wanted whatever its words are.
            var text = PageText.Get(whole.Part);
            passages = [new Passage(only, PassageSearch.Cut(text, left))];
        }

        return
        [
            .. passages.Select(passage =>
            {
                var (found, message, part) = pages[passage.Page];
                return new TextPart($"[{PlaceOf(found)}]\n{passage.Text}\n")
                {
                    Origin = PageText.OriginOf(message, part, record.Parent is null),
                };
            }),
        ];
    }

    static string PlaceOf(ContextPage page)
    {
        var what = page.Kind switch
        {
            PageKind.ToolResult => $"a result of {page.Name}",
            PageKind.File => page.Name is { } name ? $"the file {name}" : "a picture or sound",
            _ => page.Role == Role.User ? "said by the user" : "said by the assistant",
        };
        var origin = page.Event is { } id ? string.Create(CultureInfo.InvariantCulture, $", event {id}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"page {page.Page}, turn {page.Turn}{origin}: {what}");
    }

    static void RequireRoom(ContextTable context, ContextPage wanted)
    {
        if (context.WindowTokens is not { } window || wanted.Tokens is null)
        {
            throw new NoosException(
                ErrorKind.Refused,
                "No model here counts the tokens of this process, so nothing can be pinned; "
                + (context.Problem ?? "choose a model on this computer."));
        }

        var pinned = context.Pages.Where(page => page.Mark == PageMark.Pinned && page.Page != wanted.Page).Sum(page => page.Tokens ?? 0);
        if (pinned + wanted.Tokens.Value > window / 2)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"Page {wanted.Page} has {wanted.Tokens} tokens and {pinned} are pinned already, which together is more than half of the "
                + $"window of {window}; unpin others, or allow a longer context.");
        }
    }

    Turn TurnOf(ProcessRecord record, ProcessHistory history) =>
        history.ToState(record, table.DeclarationsOf(record), table.HasOptionalTools).Turn;

    (ContextMap? Map, string? Problem) TryMap(Turn turn)
    {
        if (table.Cpu is not { } cpu)
        {
            return (null, "No model runs here, so nobody counts.");
        }

        try
        {
            return cpu.MapContext(turn) is { } map ? (map, null) : (null, "The model runs elsewhere, where nobody counts for us.");
        }
        catch (NoosException e)
        {
            return (null, e.Message);
        }
    }

    static IEnumerable<ContextPage> Pages(Turn turn, ProcessHistory history) => Parts(turn, history).Select(found => found.Page);

    static IEnumerable<(ContextPage Page, Message Message, Part Part)> Parts(Turn turn, ProcessHistory history)
    {
        var marks = history.Marks;
        var instructions = turn.Conversation.Messages.Sum(message => message.Parts.Count) - history.PartEvents.Count;
        var (number, question) = (0, 0);
        foreach (var message in turn.Conversation.Messages)
        {
            question += message.Role == Role.User ? 1 : 0;
            foreach (var part in message.Parts)
            {
                number++;
                yield return (
                    new ContextPage(number, PageText.KindOf(message, part), message.Role, marks.GetValueOrDefault(number))
                    {
                        Turn = question,
                        Event = number > instructions && history.PartEvents[number - instructions - 1] is > 0 and var id ? id : null,
                        Name = PageText.NameOf(part),
                        Preview = PageText.Preview(part),
                    },
                    message,
                    part);
            }
        }
    }
}
