using System.Text.Json;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Schemas;
using Noos.Core.Tools;
using Noos.Cpus.ChatClients;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Inference.Batching;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Cpus.Tests.Local;

public sealed class LocalCpuTests(LocalCpuTests.Fixture fixture) : IClassFixture<LocalCpuTests.Fixture>
{
    static readonly ChatMessage s_hello = new(ChatRole.User, "Hello there");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static ChatOptions Options(long seed = 3, int tokens = 12) => new() { Seed = seed, Temperature = 1, MaxOutputTokens = tokens };

    CpuChatClient Open() => new(new LocalCpu(LanguageModel.Load(fixture.Model.Path)));

    [Fact]
    public async Task Same_seed_gives_the_same_answer_streamed_or_whole()
    {
        using var client = Open();

        var whole = await client.GetResponseAsync([s_hello], Options(), Token);
        var streamed = await client.GetStreamingResponseAsync([s_hello], Options(), Token).ToChatResponseAsync(Token);
        var other = await client.GetResponseAsync([s_hello], Options(seed: 4), Token);

        Assert.NotEqual("", whole.Text);
        Assert.Equal(whole.Text, streamed.Text);
        Assert.NotEqual(whole.Text, other.Text);
        Assert.Equal("Tiny", whole.ModelId);
    }

    [Fact]
    public async Task Answer_that_is_continued_stands_at_the_end_of_the_prompt_and_only_what_follows_it_is_made()
    {
        const string Begun = "Once upon a time";
        var model = LanguageModel.Load(fixture.Model.Path);
        await using var cpu = new LocalCpu(model, isGreedy: true);
        var question = Message.User("Hello there");
        var turn = new Turn(Conversation.From(question, Message.Assistant(Begun)))
        {
            ContinuesAnswer = true,
            Options = new GenerationOptions { MaxTokens = 4 },
        };

        var continued = await cpu.RunAsync(turn, Token).ToListAsync(Token);
        var anew = await cpu.RunAsync(turn with { ContinuesAnswer = false }, Token).LastAsync(Token);

        Assert.True(cpu.Info.Can.HasFlag(CpuFeatures.Continue));
        Assert.Equal(
            cpu.CountTokens(Conversation.From(question), [])!.Value + model.Tokenizer.Encode(Begun).Length,
            Assert.IsType<RunFinished>(continued[^1]).Usage.PromptTokens);
        Assert.NotEqual(((RunFinished)continued[^1]).Usage.PromptTokens, ((RunFinished)anew).Usage.PromptTokens);
        Assert.DoesNotContain(Begun, string.Concat(continued.OfType<TextDelta>().Select(delta => delta.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_beyond_those_answered_at_the_same_time_waits_for_its_turn()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path), maxConcurrency: 1);
        var turn = new Turn(Conversation.From(Message.User("Hello there"))) { Options = new GenerationOptions { MaxTokens = 5 } };
        await using var first = cpu.RunAsync(turn, Token).GetAsyncEnumerator(Token);
        Assert.True(await first.MoveNextAsync());
        await using var second = cpu.RunAsync(turn, Token).GetAsyncEnumerator(Token);

        var waiting = second.MoveNextAsync().AsTask();
        while (await first.MoveNextAsync())
        {
            Assert.False(waiting.IsCompleted);
        }

        Assert.True(await waiting);
    }

    [Fact]
    public async Task Person_is_answered_while_background_work_has_all_places()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path), maxConcurrency: 1);
        var turn = new Turn(Conversation.From(Message.User("Hello there"))) { Options = new GenerationOptions { MaxTokens = 5 } };
        var work = turn with { Priority = ProcessPriority.Background };
        await using var first = cpu.RunAsync(work, Token).GetAsyncEnumerator(Token);
        Assert.True(await first.MoveNextAsync());
        await using var second = cpu.RunAsync(work, Token).GetAsyncEnumerator(Token);
        var waiting = second.MoveNextAsync().AsTask();

        Assert.IsType<RunFinished>(await cpu.RunAsync(turn, Token).LastAsync(Token));

        Assert.False(waiting.IsCompleted);
        while (await first.MoveNextAsync())
        {
        }

        Assert.True(await waiting);
    }

    [Fact]
    public void Policy_of_the_kernel_lets_a_person_pass_and_follows_a_change_of_priority()
    {
        var policy = new TurnBatchPolicy();
        var (work, person) = (new TurnTag("a", ProcessPriority.Background), new TurnTag("b", ProcessPriority.Interactive));
        SequenceView[] ready = [new(work, 10, 1, TimeSpan.Zero), new(person, 0, 100, TimeSpan.Zero), new(Tag: null, 5, 1, TimeSpan.Zero)];

        // Who has no tag counts as a person.
        Assert.Equal([2, 1], Plan());
        work.Priority = ProcessPriority.Interactive;
        Assert.Equal([0, 1, 2], Plan().Order());

        int[] Plan()
        {
            var grants = new TokenGrant[ready.Length];
            var count = policy.Plan(ready, 64, grants);
            return [.. grants[..count].Select(grant => grant.Index)];
        }
    }

    [Fact]
    public async Task Counts_and_reason_are_told()
    {
        using var client = Open();

        var response = await client.GetResponseAsync([s_hello], Options(tokens: 5), Token);

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(5, response.Usage!.OutputTokenCount);
        Assert.Equal(response.Usage.InputTokenCount + 5, response.Usage.TotalTokenCount);
        Assert.Equal(0, response.Usage.CachedInputTokenCount);
    }

    [Fact]
    public async Task Conversation_that_goes_on_reads_only_what_is_new_and_answers_the_same()
    {
        using var client = Open();
        using var fresh = Open();
        var first = await client.GetResponseAsync([s_hello], Options(), Token);
        ChatMessage[] longer = [s_hello, .. first.Messages, new(ChatRole.User, "Go on")];

        var second = await client.GetResponseAsync(longer, Options(), Token);
        var expected = await fresh.GetResponseAsync(longer, Options(), Token);

        Assert.True(second.Usage!.CachedInputTokenCount >= first.Usage!.InputTokenCount);
        Assert.Equal(expected.Text, second.Text);
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(12, null)]
    // Fewer pages than the conversations have, and none at all.
    [InlineData(12, 20)]
    [InlineData(3, 0)]
    public async Task Conversations_that_take_turns_read_only_what_is_new_while_there_is_memory(int count, int? pages)
    {
        using var fresh = new CpuChatClient(new LocalCpu(LanguageModel.Load(fixture.Model.Path, new() { PrefixMemory = 0 })));
        var pageBytes = ((LanguageModel)fresh.GetService(typeof(LanguageModel))!).KeyValueMemory.PageBytes;
        var model = LanguageModel.Load(fixture.Model.Path, new() { PrefixMemory = pages * pageBytes });
        using var client = new CpuChatClient(new LocalCpu(model));
        var system = new ChatMessage(ChatRole.System, "Once upon a time there was a fox. Hello there.");
        var conversations = Enumerable.Range(0, count)
            .Select(i => new List<ChatMessage> { system, new(ChatRole.User, $"{(char)('A' + i)} fox there was upon a time {i}") })
            .ToArray();
        var read = new long[count];
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < count; i++)
            {
                var response = await client.GetResponseAsync(conversations[i], Options(tokens: 4), Token);
                var expected = await fresh.GetResponseAsync(conversations[i], Options(tokens: 4), Token);

                Assert.Equal(expected.Text, response.Text);
                var cached = response.Usage!.CachedInputTokenCount!.Value;
                Assert.Equal(0, expected.Usage!.CachedInputTokenCount);
                Assert.True(pages is not null || cached >= read[i], $"round {round}, conversation {i}: {cached} of {read[i]}");
                Assert.True(pages is not 0 || cached == 0);
                read[i] = response.Usage.InputTokenCount!.Value;
                conversations[i].AddRange([.. response.Messages, new(ChatRole.User, "Go on")]);
                Assert.InRange(model.KeyValueMemory.Bytes, 0, model.KeyValueMemory.MaxBytes);
                Assert.Equal(model.KeyValueMemory.Pages, model.KeyValueMemory.KeptPages);
            }
        }
    }

    [Fact]
    public async Task Memory_for_what_was_read_is_told()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path, new() { PrefixMemory = 1 << 20 }));
        Assert.Equal((0L, 0L, 0L), (cpu.Cache!.Bytes, cpu.Cache.Tokens, cpu.Cache.TokensInUse));
        using var client = new CpuChatClient(cpu, ownsCpu: false);

        var response = await client.GetResponseAsync([s_hello], Options(tokens: 4), Token);

        var cache = cpu.Cache;
        Assert.Equal("f16", cache.Type);
        Assert.InRange(cache.MaxBytes, cache.Bytes, 1 << 20);
        Assert.InRange(cache.Bytes, 1, cache.MaxBytes);
        // The last token that was generated need not be read.
        Assert.Equal((response.Usage!.TotalTokenCount!.Value - 1, 0L), (cache.Tokens, cache.TokensInUse));
    }

    [Fact]
    public async Task Questions_at_the_same_time_do_not_mix()
    {
        using var client = Open();
        var alone = new List<string>();
        for (var seed = 0; seed < 6; seed++)
        {
            alone.Add((await client.GetResponseAsync([s_hello], Options(seed), Token)).Text);
        }

        var together = await Task.WhenAll(Enumerable.Range(0, 6).Select(seed => client.GetResponseAsync([s_hello], Options(seed), Token)));

        Assert.Equal(alone, together.Select(response => response.Text));
    }

    [Fact]
    public async Task Answer_of_a_random_model_follows_the_response_format()
    {
        using var client = Open();
        var options = Options(tokens: 200);
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(
            """
            {"type": "object",
             "properties": {"mood": {"enum": ["good", "bad"]}, "level": {"type": "integer", "minimum": 1, "maximum": 9}},
             "required": ["mood", "level"]}
            """));

        var response = await client.GetResponseAsync([s_hello], options, Token);

        var answer = JsonElement.Parse(response.Text);
        Assert.Contains(answer.GetProperty("mood").GetString(), (string[])["good", "bad"]);
        Assert.InRange(answer.GetProperty("level").GetInt32(), 1, 9);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Required_call_of_a_random_model_fits_the_schema()
    {
        using var client = Open();
        var schema = JsonElement.Parse("""
            {"type":"object","properties":{"unit":{"type":"string","enum":["deg","rad"]},"digits":{"type":"integer"}},
             "required":["unit"],"additionalProperties":false}
            """);
        var options = Options(tokens: 200);
        options.Tools = [AIFunctionFactory.CreateDeclaration("round", "rounds", schema)];
        options.ToolMode = ChatToolMode.RequireAny;

        var response = await client.GetResponseAsync([s_hello], options, Token);

        var call = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().First();
        Assert.StartsWith("call_", call.CallId, StringComparison.Ordinal);
        Assert.Equal("round", call.Name);
        Assert.Null(JsonSchemaValidator.FindFault(schema, ConversationMapping.ToJson(call.Arguments)));
    }

    [Fact]
    public async Task Penalties_bias_and_scores_reach_the_engine()
    {
        using var client = Open();
        var plain = await client.GetResponseAsync([s_hello], Options(tokens: 30), Token);
        var options = Options(tokens: 30);
        options.FrequencyPenalty = 2;
        options.PresencePenalty = 2;
        options.RawRepresentationFactory = _ =>
            new GenerationOptions { RepetitionPenalty = 3, RepetitionWindow = -1, TopLogProbabilities = 2 };
        var penalized = await client.GetResponseAsync([s_hello], options, Token);
        var scores = penalized.Messages.SelectMany(message => message.Contents)
            .OfType<ScoresContent>()
            .SelectMany(content => content.Tokens)
            .ToArray();

        var dry = Options(tokens: 30);
        dry.RawRepresentationFactory = _ => new GenerationOptions { DryMultiplier = 5, DryAllowedLength = 1, DryBreakers = [] };
        var unrepeated = await client.GetResponseAsync([s_hello], dry, Token);

        Assert.NotEqual(plain.Text, penalized.Text);
        Assert.NotEqual(plain.Text, unrepeated.Text);
        // Tokens of the layout are no text.
        Assert.InRange(scores.Length, 20, 30);
        Assert.All(scores, score =>
            Assert.True(score.LogProbability <= 0 && score.Top.Count == 2 && score.Top[0].LogProbability >= score.Top[1].LogProbability));
        Assert.DoesNotContain(plain.Messages.SelectMany(message => message.Contents), content => content is ScoresContent);

        // With one token made certain, nothing else is said.
        var model = (LanguageModel)client.GetService(typeof(LanguageModel))!;
        var fox = model.Tokenizer.Encode("x").Single();
        var biased = Options(tokens: 4);
        biased.RawRepresentationFactory = _ => new GenerationOptions { LogitBias = new Dictionary<int, float> { [fox] = 100 } };
        Assert.Equal("xxxx", (await client.GetResponseAsync([s_hello], biased, Token)).Text);
    }

    [Fact]
    public async Task Adapters_are_chosen_by_each_request()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("adapter.gguf");
        RandomAdapterFile.Write(path, fixture.Model.Path, rank: 4, alpha: 32);
        using var plain = Open();
        var model = LanguageModel.Load(fixture.Model.Path);
        using var client = new CpuChatClient(new LocalCpu(model, adapters: ModelSource.LoadAdapters(model, [new AdapterFile(path, 1)])));
        var expected = (await plain.GetResponseAsync([s_hello], Options(), Token)).Text;
        var without = Options();
        without.RawRepresentationFactory = _ => new GenerationOptions { AdapterScales = new Dictionary<int, float>() };
        var unknown = Options();
        unknown.RawRepresentationFactory = _ => new GenerationOptions { AdapterScales = new Dictionary<int, float> { [1] = 1 } };

        var adapted = (await client.GetResponseAsync([s_hello], Options(), Token)).Text;

        Assert.NotEqual(expected, adapted);
        Assert.Equal(expected, (await client.GetResponseAsync([s_hello], without, Token)).Text);
        Assert.Equal(adapted, (await client.GetResponseAsync([s_hello], Options(), Token)).Text);
        Assert.Contains("no adapter 1",
            (await Assert.ThrowsAsync<NoosException>(() => client.GetResponseAsync([s_hello], unknown, Token))).Message,
                StringComparison.Ordinal);
        var together = await Task.WhenAll(Enumerable.Range(0, 12)
            .Select(i => client.GetResponseAsync([s_hello], i % 2 == 0 ? Options() : without, Token)));
        Assert.All(together.Index(), answer => Assert.Equal(answer.Index % 2 == 0 ? adapted : expected, answer.Item.Text));
    }

    [Theory]
    [InlineData("a/b.gguf", "a/b.gguf", 1f)]
    [InlineData("a/b.gguf:0.5", "a/b.gguf", 0.5f)]
    [InlineData("C:\\b.gguf", "C:\\b.gguf", 1f)]
    [InlineData("C:\\b.gguf:-2", "C:\\b.gguf", -2f)]
    public void Adapter_may_name_its_scale(string text, string path, float scale) =>
        Assert.Equal(new AdapterFile(path, scale), AdapterFile.Parse(text));

    [Fact]
    public async Task Long_history_loses_old_turns_a_long_question_its_middle_and_long_instructions_are_refused()
    {
        using var client = Open();
        var history = Enumerable.Range(0, 40).SelectMany(_ => (ChatMessage[])[s_hello, new(ChatRole.Assistant, "Once upon a time")]);

        var response = await client.GetResponseAsync([.. history, s_hello], Options(tokens: 3), Token);
        var cut = await client.GetResponseAsync([new(ChatRole.User, new string('x', 2000))], Options(), Token);
        var refusal = await Assert.ThrowsAsync<NoosException>(() =>
            client.GetResponseAsync([new(ChatRole.System, new string('x', 2000)), s_hello], Options(), Token));

        Assert.InRange(response.Usage!.InputTokenCount!.Value, TinyModel.ContextLength / 2, TinyModel.ContextLength);
        Assert.InRange(cut.Usage!.InputTokenCount!.Value, TinyModel.ContextLength / 4, TinyModel.ContextLength);
        Assert.Contains("shorten it", refusal.Message, StringComparison.Ordinal);
        Assert.NotEqual("", (await client.GetResponseAsync([s_hello], Options(), Token)).Text);
    }

    [Fact]
    public async Task Stop_string_ends_the_answer_before_it()
    {
        using var client = Open();
        var whole = (await client.GetResponseAsync([s_hello], Options(), Token)).Text;
        var stop = whole[(whole.Length / 2)..(whole.Length / 2 + 2)];
        var options = Options();
        options.StopSequences = [stop];

        var response = await client.GetResponseAsync([s_hello], options, Token);

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task Stopped_reader_frees_the_model_for_the_next_question()
    {
        using var client = Open();
        var expected = (await client.GetResponseAsync([s_hello], Options(), Token)).Text;

        await foreach (var _ in client.GetStreamingResponseAsync([s_hello], Options(tokens: 200), Token))
        {
            break;
        }

        using var source = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([s_hello], Options(tokens: 200), source.Token))
            {
                await source.CancelAsync();
            }
        });
        Assert.Equal(expected, (await client.GetResponseAsync([s_hello], Options(), Token)).Text);
    }

    static Task<(string Text, RunFinished Finished)> RunAsync(
        LocalCpu cpu, GenerationOptions options, string question = "Hello there") =>
        RunAsync(cpu, options, Conversation.From(Message.User(question)));

    static async Task<(string Text, RunFinished Finished)> RunAsync(LocalCpu cpu, GenerationOptions options, Conversation conversation)
    {
        var events = new List<CpuEvent>();
        await foreach (var item in cpu.RunAsync(new Turn(conversation) { Options = options }, Token))
        {
            events.Add(item);
        }

        return (string.Concat(events.OfType<TextDelta>().Select(item => item.Text)), Assert.IsType<RunFinished>(events[^1]));
    }

    [Fact]
    public async Task Seed_that_was_drawn_gives_the_same_tokens_again()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path));
        var options = new GenerationOptions { Temperature = 1, MaxTokens = 12 };

        var (text, first) = await RunAsync(cpu, options);
        var (again, second) = await RunAsync(cpu, options with { Seed = first.Seed });
        var (_, other) = await RunAsync(cpu, options);

        Assert.InRange(first.Seed!.Value, 0ul, 1ul << 53);
        Assert.Equal((text, first.Seed), (again, second.Seed));
        Assert.Equal(first.TokenIds, second.TokenIds);
        Assert.Equal(first.Usage.GeneratedTokens, first.TokenIds.Count);
        Assert.NotEqual(first.Seed, other.Seed);
    }

    [Fact]
    public async Task Answer_of_a_random_model_follows_a_grammar()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path),
            new GenerationOptions { ResponseFormat = ResponseFormat.Gbnf("root ::= \"yes\" | \"no\"") });

        Assert.Contains((await RunAsync(cpu, new GenerationOptions { Temperature = 1, Seed = 1 })).Text, (string[])["yes", "no"]);
        Assert.Equal(
            "maybe", (await RunAsync(cpu, new GenerationOptions { ResponseFormat = ResponseFormat.Gbnf("root ::= \"maybe\"") })).Text);
        var refusal = await Assert.ThrowsAsync<NoosException>(() =>
            RunAsync(cpu, new GenerationOptions { ResponseFormat = ResponseFormat.Gbnf("root ::= (") }));
        Assert.Equal(ErrorKind.Invalid, refusal.Kind);
    }

    [Fact]
    public async Task Extractive_answer_of_a_random_model_is_a_span_of_what_was_read()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path));
        var given = ResponseFormat.Extract(new ExtractiveFormat { Passages = ["blue"], Refusal = "No idea." });
        var found = ResponseFormat.Extract();
        var call = new ToolCallPart("find", JsonElement.Parse("{}"), "1");
        var conversations = new Dictionary<string, Conversation>
        {
            ["red"] = Conversation.From(
                Message.User("What colour?"), Message.Assistant(call), Message.Tool(new ToolResultPart("find", "red", CallId: "1"))),
            ["green"] = Conversation.From(Message.User("green\n\nWhat colour?")),
            ["The text does not say."] = Conversation.From(Message.User("What colour?")),
        };
        for (var seed = 1ul; seed <= 6; seed++)
        {
            var options = new GenerationOptions { Temperature = 1, Seed = seed };
            Assert.Contains((await RunAsync(cpu, options with { ResponseFormat = given })).Text, (string[])["blue", "No idea."]);
            foreach (var (span, conversation) in conversations)
            {
                var answer = await RunAsync(cpu, options with { ResponseFormat = found }, conversation);
                Assert.Contains(answer.Text, (string[])[span, ExtractiveFormat.DefaultRefusal]);
                Assert.Equal(FinishReasons.Stop, answer.Finished.FinishReason);
            }
        }
    }

    [Fact]
    public async Task Draft_tokens_change_no_answer()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path));
        var options = new GenerationOptions { Temperature = 0, MaxTokens = 60 };

        Assert.Equal(
            (await RunAsync(cpu, options)).Finished.TokenIds, (await RunAsync(cpu, options with { DraftTokens = 8 })).Finished.TokenIds);
        Assert.Equal(
            ErrorKind.Invalid, (await Assert.ThrowsAsync<NoosException>(() => RunAsync(cpu, options with { DraftTokens = 65 }))).Kind);
    }

    [Fact]
    public async Task Tokens_of_a_prompt_are_counted_exactly()
    {
        await using var cpu = new LocalCpu(LanguageModel.Load(fixture.Model.Path));

        var (_, finished) = await RunAsync(cpu, new GenerationOptions { MaxTokens = 1 });

        Assert.Equal(finished.Usage.PromptTokens, (long)cpu.CountTokens(Conversation.From(Message.User("Hello there")), [])!.Value);
        Assert.Equal(("Tiny", TinyModel.ContextLength), (cpu.Info.Name, cpu.Info.MaxTokens));
    }

    [Theory]
    [InlineData(null, true, "calculator")]
    [InlineData("look", true, "look")]
    [InlineData("calculator,look", true, "calculator,look")]
    [InlineData("calculator", false, "calculator,look")]
    [InlineData("fly", true, "")]
    public async Task Model_is_offered_the_tools_that_it_was_taught_and_given_those_that_were_asked_for(
        string? taught, bool isOffer, string called)
    {
        using var folder = new TemporaryFolder();
        var path = fixture.Model.Path;
        if (taught is not null)
        {
            path = folder.File("taught.gguf");
            GgufMetadataEditor.Rewrite(fixture.Model.Path, path, [(ModelInfo.ToolsKey, taught.Split(','))]);
        }

        await using var cpu = new LocalCpu(LanguageModel.Load(path));
        var nothing = JsonElement.Parse("""{"type":"object","properties":{},"additionalProperties":false}""");
        var turn = new Turn(Conversation.From(Message.User("Hello there")))
        {
            Tools = [new ToolDeclaration("look", "Looks.", nothing), new ToolDeclaration("calculator", "Computes.", nothing)],
            HasOptionalTools = isOffer,
            ToolChoice = new ToolChoice(ToolChoiceMode.Required),
        };
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (var seed = 0UL; seed < 12; seed++)
        {
            var asked = turn with { Options = new GenerationOptions { MaxTokens = 120, Seed = seed, Temperature = 1.5f } };
            names.UnionWith((await cpu.RunAsync(asked, Token).ToListAsync(Token)).OfType<ToolCalled>().Select(call => call.Call.Name));
        }

        Assert.Equal(called, string.Join(',', names));
    }

    [Fact]
    public void Missing_model_is_told_in_one_sentence() =>
        Assert.Contains("no model 'nowhere.gguf'",
            Assert.Throws<NoosException>(() => ModelSource.OpenCpu(new NoosOptions { Model = "nowhere.gguf" })).Message,
                StringComparison.Ordinal);

    public sealed class Fixture : IDisposable
    {
        internal TinyModel Model { get; } = new();

        public void Dispose() => Model.Dispose();
    }
}
