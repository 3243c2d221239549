using System.Globalization;
using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Language.Gguf;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Cpus.Tests.Local;

/// <summary>Long conversations with a real engine, a real journal and a window of 2,048 tokens.</summary>
public sealed class ContextMemoryTests : IDisposable
{
    const int Window = 2048;

    readonly TemporaryFolder _home = new();
    readonly TinyModel _model = new(Window);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _model.Dispose();
        _home.Dispose();
    }

    LocalCpu Engine() => new(LanguageModel.Load(_model.Path));

    [Fact]
    public async Task Hundred_turns_with_large_results_never_overflow_and_early_facts_are_recalled()
    {
        var runs = new List<(ContextMap Map, RunFinished Finished)>();
        var process = 0L;
        for (var part = 0; part < 2; part++)
        {
            // The second part is after a restart.
            await using var system = new Home(_home.Path, new PuppetCpu(Engine(), LookUp));
            process = part == 0 ? await system.SpawnAsync() : process;
            for (var turn = 50 * part; turn < 50 * (part + 1); turn++)
            {
                var fact = turn == 2 ? " The code of the vault is 7431." : "";
                await system.AskAsync(process, $"Look up entry {turn}.{fact}");
            }

            if (part == 1)
            {
                await system.AskAsync(process, "recall: code of the vault");
                var said = system.Table.ReadHistory(process).Messages[^1].Text();
                Assert.Contains("said by the user", said, StringComparison.Ordinal);
                Assert.Contains("The code of the vault is 7431.", said, StringComparison.Ordinal);

                // Of the web, in entry 5; and so is what was recalled.
                await system.AskAsync(process, "recall: gold of the pirates");
                var result = system.Table.ReadHistory(process).Messages[^2].Parts.OfType<ToolResultPart>().Single();
                Assert.Contains("The pirates hid their gold", result.Text, StringComparison.Ordinal);
                Assert.Equal(Origin.Web, result.Origin);

                var table = system.Table.Context(process);
                Assert.Equal(table.PromptTokens, table.LayoutTokens + table.Pages.Sum(page => page.ShownTokens));
                Assert.True(table.PagedOutTokens > 20_000);
                Assert.All(table.Pages, page => Assert.True(page.Event > 0 && page.Tokens > 0));
                Assert.Equal(PageState.Out, table.Pages[0].State);
                Assert.Equal(PageState.In, table.Pages[^1].State);
                Assert.All(
                    table.Pages.Where(page => page.State == PageState.In),
                    page => Assert.InRange(page.ShownTokens!.Value, page.Tokens!.Value - 10, page.Tokens.Value + 10));
            }

            runs.AddRange(system.Puppet.Runs);
        }

        Assert.InRange(runs.Count, 200, 210);
        Assert.All(runs, run =>
        {
            Assert.Equal(run.Map.PromptTokens, run.Finished.Usage.PromptTokens);
            Assert.InRange(run.Map.PromptTokens, 1, Window - 1);
            Assert.Equal(run.Map.PromptTokens, run.Map.LayoutTokens + run.Map.Pages.Sum(page => page.ShownTokens));
            Assert.Equal(run.Map.Pages.Sum(page => (long)page.Page.PagedOutTokens), run.Finished.PagedOutTokens);
        });
    }

    [Theory]
    [InlineData("Qwen-Qwen3-0.6B")]
    [InlineData("Qwen-Qwen2.5-7B-Instruct")]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct")]
    [InlineData("mistralai-Mistral-Nemo-Instruct-2407")]
    [InlineData("google-gemma-2-2b-it")]
    public async Task Page_table_counts_as_the_engine_does_with_templates_of_other_models(string template)
    {
        var source = SharedFiles.Find("conformance", "templates", template + ".jinja");
        Assert.SkipWhen(source is null, "The shared templates are not there.");
        var path = _home.File("template.gguf");
        var shape = RandomModelShape.Parse("tiny-llama") with
        {
            ContextLength = 2 * Window,
            BlockCount = 1,
            EmbeddingLength = 64,
            FeedForwardLength = 64,
            HeadCount = 1,
            KeyValueHeadCount = 1,
        };
        RandomModelFile.Write(path, shape, GgufTensorType.Q8_0, seed: 3, template: await File.ReadAllTextAsync(source, Token));
        await using var cpu = new LocalCpu(LanguageModel.Load(path));
        var tool = new ScriptedTool("look", _ => "").Declaration;
        var messages = new List<Message> { Message.System("You look things up.") };
        var isPagedOut = false;
        for (var turn = 0; turn < 40; turn++)
        {
            messages.Add(Message.User($"Please look up entry number {turn}, user."));
            if (turn % 2 == 0 && cpu.CountTokens(Conversation.From(Message.User("a")), [tool]) is { } with
                && with > cpu.CountTokens(Conversation.From(Message.User("a")), []))
            {
                // Mistral's templates want ids of nine characters.
                var id = $"call{turn:00000}";
                messages.Add(Message.Assistant(new ToolCallPart("look", JsonElement.Parse($$"""{"entry":{{turn}}}"""), id)));
                messages.Add(Message.Tool(new ToolResultPart("look", $"Entry {turn} is about {new string('e', 400)}.", CallId: id)));
            }

            var asked = new Turn(new Conversation([.. messages]))
            {
                Tools = [tool],
                HasOptionalTools = true,
                Recall = RecallDeclaration.Declaration,
                Marks = turn > 20 ? new Dictionary<int, PageMark> { [2] = PageMark.Pinned, [3] = PageMark.Pinned } : Turn.NoMarks,
                Options = new GenerationOptions { MaxTokens = 1, Seed = 1 },
            };
            var map = cpu.MapContext(asked)!;
            var finished = (RunFinished)(await cpu.RunAsync(asked, Token).ToListAsync(Token))[^1];

            Assert.Equal(map.PromptTokens, finished.Usage.PromptTokens);
            Assert.Equal(map.PromptTokens, map.LayoutTokens + map.Pages.Sum(page => page.ShownTokens));
            Assert.All(
                map.Pages.Where(page => page.Page.State == PageState.In && page.Page.Part is TextPart && page.Page.Message > 0),
                page => Assert.InRange(page.ShownTokens, page.Page.Tokens - 5, page.Page.Tokens + 5));
            Assert.All(
                map.Pages.Where(page => page.Page.State == PageState.In && page.Page.Part is ToolCallPart or ToolResultPart),
                page => Assert.True(page.ShownTokens > 5));
            isPagedOut |= finished.PagedOutTokens > 0;
            messages.Add(Message.Assistant($"The answer to question {turn} is the assistant's: {new string('z', 200)}"));
        }

        Assert.True(isPagedOut);
    }

    [Fact]
    public async Task Two_hundred_turns_read_more_than_they_add_in_less_than_one_of_ten()
    {
        await using var cpu = Engine();
        var messages = new List<Message> { Message.System("You help.") };
        var (full, before, readings, last) = (0, 0L, 0, 0L);
        for (var turn = 0; turn < 200; turn++)
        {
            messages.Add(Message.User($"Question {turn}"));
            var options = new GenerationOptions { MaxTokens = 1, Seed = 1 };
            var finished = (RunFinished)(await cpu.RunAsync(new Turn(new Conversation([.. messages])) { Options = options }, Token)
                .ToListAsync(Token))[^1];
            full += finished.OmittedMessages > 0 ? 1 : 0;
            var read = finished.Usage.PromptTokens - finished.Usage.CachedTokens;

            // New are answer and question; the cache keeps whole pages of 32 positions.
            last = finished.Usage.PromptTokens > before && before > 0 ? finished.Usage.PromptTokens - before : last;
            readings += turn > 0 && read > last + 64 ? 1 : 0;
            before = finished.Usage.PromptTokens;
            messages.Add(Message.Assistant($"Answer {turn}"));
        }

        Assert.InRange(full, 100, 180);
        Assert.InRange(readings, 1, full / 10);
    }

    [Fact]
    public async Task What_leaves_the_window_is_summarised_before_the_next_question_and_recall_still_finds_its_words()
    {
        var summaries = 0;
        var puppet = new PuppetCpu(Engine(), turn => turn.Conversation.Messages[0].Role == Role.System
            ? [new TextDelta($"Summary {++summaries}: entries were looked up.")]
            : LookUp(turn));
        await using var system = new Home(_home.Path, puppet, summaries: new SummaryOptions());
        var process = await system.SpawnAsync();
        for (var turn = 0; turn < 30; turn++)
        {
            var before = Summaries().Length;
            await system.AskAsync(process, $"Look up entry {turn}.{(turn == 1 ? " The code of the vault is 7431." : "")}");
            await system.Table.SummariesAsync();

            // Made while the process is idle, and so before the pages are out: the window changes once, with the summary in it.
            Assert.InRange(Summaries().Length - before, 0, 1);
            var shown = system.Table.Context(process).Pages;
            Assert.True(Summaries().Length > 0 || shown.All(page => page.State == PageState.In));
        }

        var table = system.Table.Context(process);
        var summary = table.Pages[0];
        Assert.Equal((0, PageKind.Summary, PageState.In), (summary.Page, summary.Kind, summary.State));
        Assert.StartsWith("[Summary of the conversation before this: Summary ", summary.Preview, StringComparison.Ordinal);
        Assert.InRange(summary.ShownTokens!.Value, summary.Tokens!.Value - 10, summary.Tokens.Value + 10);
        Assert.Equal(table.PromptTokens, table.LayoutTokens + table.Pages.Sum(page => page.ShownTokens));
        Assert.True(Summaries().Length > 2);
        Assert.Equal(Summaries().OrderBy(made => made.LastPage), Summaries());

        // Each goes on from the one before, and is made at background priority for the same owner.
        Assert.All(puppet.Asked.Where(turn => turn.Conversation.Messages[0].Role == Role.System).Skip(1), turn =>
        {
            Assert.Contains("Summary of what was said before: Summary ", turn.Conversation.Messages[1].Text(), StringComparison.Ordinal);
            Assert.Equal((ProcessPriority.Background, "me", (int?)200), (turn.Priority, turn.Owner, turn.Options.MaxTokens));
        });

        await system.AskAsync(process, "recall: code of the vault");
        Assert.Contains(
            "The code of the vault is 7431.", system.Table.ReadHistory(process).Messages[^1].Text(), StringComparison.Ordinal);

        Summarized[] Summaries() => [.. system.Table.Events(process, 0, 10_000).Select(entry => entry.Event).OfType<Summarized>()];
    }

    [Fact]
    public async Task Summaries_are_off_unless_asked_for_and_a_failed_one_changes_nothing()
    {
        var fails = 0;
        var puppet = new PuppetCpu(Engine(), turn => turn.Conversation.Messages[0].Role != Role.System
            ? LookUp(turn)
            : throw new NoosException($"It cannot ({++fails})."));
        await using (var system = new Home(_home.Path, puppet))
        {
            var process = await system.SpawnAsync();
            for (var turn = 0; turn < 8; turn++)
            {
                await system.AskAsync(process, $"Look up entry {turn}.");
            }

            await system.Table.SummariesAsync();
            Assert.Equal(0, fails);
        }

        puppet = new PuppetCpu(Engine(), turn => turn.Conversation.Messages[0].Role != Role.System
            ? LookUp(turn)
            : throw new NoosException($"It cannot ({++fails})."));
        await using var again = new Home(_home.Path, puppet, summaries: new SummaryOptions());
        var other = await again.SpawnAsync();
        for (var turn = 0; turn < 8; turn++)
        {
            await again.AskAsync(other, $"Look up entry {turn}.");
            await again.Table.SummariesAsync();
        }

        Assert.True(fails > 0);
        Assert.DoesNotContain(again.Table.Context(other).Pages, page => page.Kind == PageKind.Summary);
    }

    [Fact]
    public async Task Tool_loop_larger_than_the_window_goes_on_with_stubs_and_recalls_what_they_stand_for()
    {
        var runs = 0;
        var puppet = new PuppetCpu(Engine(), turn => ++runs switch
        {
            <= 12 => [ScriptedCpu.Call($"c{runs}", "look", $$"""{"entry":{{runs}}}""")],
            13 => [ScriptedCpu.Call("r", RecallDeclaration.Name, """{"query":"what entry 1 is about","page":3}""")],
            _ => [new TextDelta(turn.Conversation.Messages[^1].Parts.OfType<ToolResultPart>().Last().Text)],
        });
        await using var system = new Home(_home.Path, puppet, rounds: 20);
        var process = await system.SpawnAsync();

        await system.AskAsync(process, "Look up all entries.");

        var answer = system.Table.ReadHistory(process).Messages[^1].Text();
        Assert.StartsWith("[page 3, turn 1, event ", answer, StringComparison.Ordinal);
        Assert.Contains("Entry 1 ", answer, StringComparison.Ordinal);
        Assert.All(puppet.Runs, run => Assert.Equal(run.Map.PromptTokens, run.Finished.Usage.PromptTokens));
        var events = system.Table.Events(process, 0, 1000).Select(entry => entry.Event).OfType<RunEnded>().ToArray();
        Assert.Null(events[0].PagedOutTokens);
        Assert.True(events[^1].PagedOutTokens > 3000);
        Assert.Null(events[^1].OmittedMessages);
    }

    [Fact]
    public async Task Marks_of_a_person_hold_after_a_restart_and_in_a_fork_and_too_much_is_refused()
    {
        var process = 0L;
        await using (var system = new Home(_home.Path, new PuppetCpu(Engine(), LookUp)))
        {
            process = await system.SpawnAsync(new ProcessProgram { Instructions = "You look things up." });
            for (var turn = 0; turn < 12; turn++)
            {
                await system.AskAsync(process, $"Look up entry {turn}.");
            }

            // Page 1 are the instructions; then come question, call, result and answer of each turn.
            Assert.Equal(PageState.In, (await system.Table.MarkAsync(process, 4, PageMark.Pinned, Token)).Pages[3].State);
            Assert.Equal(PageState.Out, (await system.Table.MarkAsync(process, 48, PageMark.Dropped, Token)).Pages[47].State);
            await RefusedAsync(system, process, 1, PageMark.Dropped, "always stay");
            await RefusedAsync(system, process, 3, PageMark.Dropped, "never goes without its result");
            await RefusedAsync(system, process, 4, PageMark.Dropped, "unpin it first");
            await RefusedAsync(system, process, 400, PageMark.Pinned, "has no page 400");
            await RefusedAsync(system, process, 8, PageMark.Pinned, "more than half of the window of 2048");
            await system.Table.MarkAsync(process, 44, PageMark.Dropped, Token);
            Assert.Equal(PageMark.None, (await system.Table.MarkAsync(process, 44, PageMark.None, Token)).Pages[43].Mark);
        }

        await using var again = new Home(_home.Path, new PuppetCpu(Engine(), LookUp));
        var fork = (await again.Table.ForkAsync(process, cancellationToken: Token)).Id;
        foreach (var one in new[] { process, fork })
        {
            await again.AskAsync(one, "Look up entry 12.");
            var pages = again.Table.Context(one).Pages;
            Assert.Equal((PageMark.Pinned, PageState.In, PageKind.ToolResult), (pages[3].Mark, pages[3].State, pages[3].Kind));
            Assert.Equal((PageState.In, PageState.Out), (pages[2].State, pages[3 + 4].State));
            Assert.Equal((PageMark.Dropped, PageState.Out), (pages[47].Mark, pages[47].State));
        }

        static async Task RefusedAsync(Home home, long process, int page, PageMark mark, string sentence) => Assert.Contains(
            sentence,
            (await Assert.ThrowsAsync<NoosException>(() => home.Table.MarkAsync(process, page, mark, Token))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Looks up what is asked for, and repeats the end of what was found; says what was recalled.</summary>
    static IReadOnlyList<CpuEvent> LookUp(Turn turn)
    {
        var last = turn.Conversation.Messages[^1];
        if (last.Role == Role.Tool)
        {
            var text = last.Parts.OfType<ToolResultPart>().Last().Text;
            return [new TextDelta(last.Parts.OfType<ToolResultPart>().Last().Name == RecallDeclaration.Name ? text : text[^20..])];
        }

        var question = last.Text();
        return question.StartsWith("recall: ", StringComparison.Ordinal)
            ? [ScriptedCpu.Call($"c{turn.Conversation.Messages.Count}", RecallDeclaration.Name, $$"""{"query":"{{question[8..]}}"}""")]
            : [ScriptedCpu.Call(
                $"c{turn.Conversation.Messages.Count}", "look", $$"""{"entry":{{question.Split(' ', '.')[3]}}}""")];
    }

    /// <summary>A table over a real journal, and a tool with large results.</summary>
    sealed class Home : IAsyncDisposable
    {
        readonly Journal _journal;

        public Home(string folder, PuppetCpu puppet, int rounds = 8, SummaryOptions? summaries = null)
        {
            (_journal, Puppet) = (Journal.Open(folder), puppet);
            Table = new ProcessTable(
                _journal, puppet, new ToolGate(new ToolLimits { Rounds = rounds }),
                [
                    new ScriptedTool("look", (arguments, _) =>
                    {
                        var entry = arguments.GetProperty("entry").GetInt32();
                        var text = string.Create(
                            CultureInfo.InvariantCulture, $"Entry {entry} is about {new string((char)('a' + (entry % 26)), 550)}.");
                        return ValueTask.FromResult(entry == 5
                            ? ToolResult.Text($"The pirates hid their gold under the palm. {text}", Origin.Web)
                            : ToolResult.Text(text));
                    }),
                ],
                options: new ProcessTableOptions { Summaries = summaries });
        }

        public ProcessTable Table { get; }

        public PuppetCpu Puppet { get; }

        public async Task<long> SpawnAsync(ProcessProgram? program = null) =>
            (await Table.SpawnAsync("me", ProcessKind.Conversation, program ?? new ProcessProgram(), cancellationToken: Token)).Id;

        public async Task AskAsync(long process, string text)
        {
            await Table.SayAsync(process, Message.User(text), Token);
            await Table.WaitAsync(process, Token);
        }

        public async ValueTask DisposeAsync()
        {
            await Table.DisposeAsync();
            await Puppet.DisposeAsync();
            await _journal.DisposeAsync();
        }
    }
}
