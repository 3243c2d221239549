using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Noos.Cpus;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Testing;
using Noos.Testing.RandomModels;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Noos.Server.Tests;

/// <summary>
/// What the API does with a model of its own, read with OpenAI's own client: log probabilities, penalties, embeddings, adapters.
/// </summary>
public sealed class LocalModelTests : IDisposable
{
    readonly TinyModel _file = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    Task<RunningServer> StartAsync() => RunningServer.StartAsync(new LocalCpu(LanguageModel.Load(_file.Path)));

    static ChatCompletionOptions Options() => new()
    {
        Temperature = 0,
        MaxOutputTokenCount = 20,
        IncludeLogProbabilities = true,
        TopLogProbabilityCount = 3,
    };

    [Fact]
    public async Task Health_tells_what_is_kept_of_what_was_read()
    {
        await using var server = await RunningServer.StartAsync(
            new LocalCpu(LanguageModel.Load(_file.Path, new InferenceOptions { PrefixMemory = 1 << 20 })));
        using var response = await server.PostAsync("""{"messages": [{"role": "user", "content": "hi"}], "max_tokens": 3}""");
        var usage = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("usage");

        var cache = JsonElement.Parse(await server.Http.GetStringAsync(new Uri("health", UriKind.Relative), Token)).GetProperty("cache");

        Assert.Equal("f16", cache.GetProperty("type").GetString());
        Assert.InRange(cache.GetProperty("max_bytes").GetInt64(), 1, 1 << 20);
        Assert.InRange(cache.GetProperty("bytes").GetInt64(), 1, cache.GetProperty("max_bytes").GetInt64());
        Assert.InRange(
            cache.GetProperty("tokens").GetInt64(),
            usage.GetProperty("prompt_tokens").GetInt64(),
            usage.GetProperty("total_tokens").GetInt64());
        Assert.Equal(0, cache.GetProperty("tokens_in_use").GetInt64());
    }

    [Fact]
    public async Task Log_probabilities_come_whole_and_streamed_with_exact_bytes()
    {
        await using var server = await StartAsync();
        var client = server.CreateOfficialClient();

        ChatCompletion whole = await client.CompleteChatAsync([new UserChatMessage("Hello there")], Options(), Token);
        var text = new StringBuilder();
        var streamed = new List<ChatTokenLogProbabilityDetails>();
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("Hello there")], Options(), Token))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            streamed.AddRange(update.ContentTokenLogProbabilities);
        }

        var tokens = whole.ContentTokenLogProbabilities;
        Assert.NotEmpty(tokens);
        Assert.Equal(whole.Content[0].Text, text.ToString());
        Assert.Equal(tokens.Select(token => token.LogProbability), streamed.Select(token => token.LogProbability));
        Assert.All(tokens, token => Assert.Equal(3, token.TopLogProbabilities.Count));
        Assert.All(tokens, token => Assert.True(token.TopLogProbabilities[0].LogProbability >= token.LogProbability));
        // A random model writes broken characters; the bytes are exact all the same.
        var bytes = tokens.SelectMany(token => token.Utf8Bytes!.Value.ToArray()).ToArray();
        Assert.Equal(whole.Content[0].Text, Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task Without_the_field_there_are_no_log_probabilities()
    {
        await using var server = await StartAsync();

        ChatCompletion completion = await server.CreateOfficialClient().CompleteChatAsync(
            [new UserChatMessage("Hello there")], new ChatCompletionOptions { MaxOutputTokenCount = 3 }, Token);

        Assert.Empty(completion.ContentTokenLogProbabilities);
    }

    [Fact]
    public async Task Bias_and_penalties_of_the_official_client_act()
    {
        await using var server = await StartAsync();
        var client = server.CreateOfficialClient();
        using var model = LanguageModel.Load(_file.Path);
        var letter = model.Tokenizer.Encode("x").Single();
        // The second letter is far behind the first, and far before all others.
        var other = model.Tokenizer.Encode("y").Single();
        var biased = new ChatCompletionOptions { MaxOutputTokenCount = 30, Temperature = 0 };
        var penalized = new ChatCompletionOptions { MaxOutputTokenCount = 30, Temperature = 0, FrequencyPenalty = 2, PresencePenalty = 2 };
        (biased.LogitBiases[letter], biased.LogitBiases[other]) = (100, 80);
        (penalized.LogitBiases[letter], penalized.LogitBiases[other]) = (100, 80);

        ChatCompletion first = await client.CompleteChatAsync([new UserChatMessage("Hello")], biased, Token);
        ChatCompletion second = await client.CompleteChatAsync([new UserChatMessage("Hello")], penalized, Token);

        Assert.Equal(new string('x', 30), first.Content[0].Text);

        // Each time it comes it loses 2, so the other one's turn comes before the end.
        Assert.StartsWith("x", second.Content[0].Text, StringComparison.Ordinal);
        Assert.Contains('y', second.Content[0].Text);
    }

    [Theory]
    [InlineData("\"frequency_penalty\": 3", "frequency_penalty")]
    [InlineData("\"presence_penalty\": \"a\"", "presence_penalty")]
    [InlineData("\"logit_bias\": {\"x\": 1}", "logit_bias")]
    [InlineData("\"logit_bias\": {\"5\": 101}", "logit_bias")]
    [InlineData("\"logit_bias\": [1]", "logit_bias")]
    [InlineData("\"logprobs\": true, \"top_logprobs\": 21", "top_logprobs")]
    [InlineData("\"top_logprobs\": 2", "top_logprobs")]
    [InlineData("\"draft_tokens\": 65", "draft_tokens")]
    [InlineData("\"loop_guard\": \"no\"", "loop_guard")]
    [InlineData("\"greedy_spans\": 1", "greedy_spans")]
    [InlineData("\"grammar\": \"root ::= \\\"a\\\"\", \"response_format\": {\"type\": \"json_object\"}", "grammar")]
    [InlineData("\"response_format\": {\"type\": \"grammar\"}", "response_format.grammar")]
    [InlineData("\"response_format\": {\"type\": \"extractive\", \"passages\": 5}", "response_format.passages")]
    [InlineData("\"lora\": [{\"id\": 0}]", "lora")]
    [InlineData("\"lora\": {\"id\": 0}", "lora")]
    [InlineData("\"lora\": [5]", "lora")]
    public async Task Impossible_fields_are_refused_by_name(string field, string name)
    {
        await using var server = await StartAsync();

        using var response = await server.PostAsync($$"""{"messages": [{"role": "user", "content": "hi"}], {{field}}}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");
        Assert.Equal(name, error.GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("\"grammar\": \"root ::= \\\"yes\\\" | \\\"no\\\"\"")]
    [InlineData("\"response_format\": {\"type\": \"grammar\", \"grammar\": \"root ::= \\\"yes\\\" | \\\"no\\\"\"}, \"draft_tokens\": 4")]
    [InlineData("\"response_format\": {\"type\": \"extractive\", \"passages\": [\"yes\"], \"refusal\": \"no\", \"cite\": false}")]
    public async Task Grammar_decides_what_can_be_answered(string field)
    {
        await using var server = await StartAsync();

        using var response = await server.PostAsync($$"""{"messages": [{"role": "user", "content": "hi"}], "temperature": 1, {{field}}}""");

        var message = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("choices")[0].GetProperty("message");
        Assert.Contains(message.GetProperty("content").GetString(), (string[])["yes", "no"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_that_repeats_itself_is_cut_unless_the_request_says_otherwise(bool isStreamed)
    {
        await using var server = await StartAsync();

        Assert.Equal(("stop", "loop"), await EndAsync(""));
        Assert.Equal(("length", null), await EndAsync("\"loop_guard\": false, "));

        async Task<(string? FinishReason, string? StopReason)> EndAsync(string field)
        {
            using var response = await server.PostAsync($$"""
                {"messages": [{"role": "user", "content": "hi"}], "temperature": 0, {{field}} "max_tokens": 230, "logit_bias": {{Bias()}},
                 "tools": [], "stream": {{(isStreamed ? "true" : "false")}}}
                """);
            var body = await response.Content.ReadAsStringAsync(Token);
            var last = isStreamed ? body.Split("data: ")[^2] : body;
            var choice = JsonElement.Parse(last).GetProperty("choices")[0];
            return (
                choice.GetProperty("finish_reason").GetString(),
                choice.TryGetProperty("stop_reason", out var reason) ? reason.GetString() : null);
        }

        // One word again and again.
        string Bias()
        {
            using var model = LanguageModel.Load(_file.Path);
            var word = Enumerable.Range(0, model.Tokenizer.VocabularySize).First(token => !model.Tokenizer.IsSpecial(token)
                && model.Tokenizer.BytesOf(token) is { Length: >= 3 } bytes && !bytes.ContainsAnyExceptInRange((byte)'a', (byte)'z'));
            return $"{{\"{word}\": 100}}";
        }
    }

    [Fact]
    public async Task Broken_grammar_is_one_clear_refusal()
    {
        await using var server = await StartAsync();

        using var response = await server.PostAsync("""{"messages": [{"role": "user", "content": "hi"}], "grammar": "root ::= ("}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("grammar", await response.Content.ReadAsStringAsync(Token), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Seed_and_tokens_of_an_answer_are_told()
    {
        await using var server = await StartAsync();

        using var response = await server.PostAsync(
            """{"messages": [{"role": "user", "content": "hi"}], "temperature": 1, "max_tokens": 5}""");

        var run = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("noos").EnumerateArray()
            .Single(item => item.GetProperty("event").GetString() == "model_run");
        Assert.True(run.GetProperty("seed").TryGetInt64(out _));
        Assert.InRange(run.GetProperty("token_ids").GetArrayLength(), 1, 5);
    }

    [Fact]
    public async Task Bias_beyond_the_vocabulary_is_a_refusal_and_no_failure()
    {
        await using var server = await StartAsync();

        using var response = await server.PostAsync("""{"messages": [{"role": "user", "content": "hi"}], "logit_bias": {"999999": 1}}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("999999", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Official_client_reads_embeddings()
    {
        await using var server = await StartAsync();
        var client = server.CreateOfficialEmbeddingClient();
        using var model = LanguageModel.Load(_file.Path);
        string[] texts = ["Hello there", "A fox"];
        var expected = await model.EmbedAsync([.. texts.Select(text => model.Tokenizer.EncodeDocument(text))], cancellationToken: Token);

        OpenAIEmbeddingCollection many = await client.GenerateEmbeddingsAsync(texts, cancellationToken: Token);
        OpenAIEmbedding one = await client.GenerateEmbeddingAsync("A fox", cancellationToken: Token);
        OpenAIEmbedding small = await client.GenerateEmbeddingAsync("A fox", new EmbeddingGenerationOptions { Dimensions = 4 }, Token);

        Assert.Equal(expected, many.Select(item => item.ToFloats().ToArray()));
        Assert.Equal(expected[1], one.ToFloats().ToArray());
        Assert.Equal(4, small.ToFloats().Length);
        Assert.Equal(texts.Sum(text => model.Tokenizer.EncodeDocument(text).Length), many.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Embeddings_come_as_floats_or_base64_of_texts_or_tokens()
    {
        await using var server = await StartAsync();

        var floats = await VectorsAsync("""{"input": "A fox"}""");
        var bytes = await VectorsAsync("""{"input": ["A fox"], "encoding_format": "base64", "user": "x"}""");
        using var model = LanguageModel.Load(_file.Path);
        var tokens = string.Join(", ", model.Tokenizer.EncodeDocument("A fox"));

        Assert.Equal(32, floats[0].Length);
        Assert.Equal(floats, bytes);
        Assert.Equal(floats, await VectorsAsync($$"""{"input": [{{tokens}}]}"""));
        Assert.Equal(
            [.. floats, .. floats], await VectorsAsync($$"""{"input": [[{{tokens}}], [{{tokens}}]], "encoding_format": "float"}"""));

        async Task<float[][]> VectorsAsync(string json)
        {
            using var response = await server.PostAsync(json, "v1/embeddings");
            var root = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
            Assert.Equal("list", root.GetProperty("object").GetString());
            return [.. root.GetProperty("data")
                .EnumerateArray()
                .Select(item => item.GetProperty("embedding") is { ValueKind: JsonValueKind.String } text
                ? MemoryMarshal.Cast<byte, float>(text.GetBytesFromBase64()).ToArray()
                : item.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray())];
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"input": []}""")]
    [InlineData("""{"input": ""}""")]
    [InlineData("""{"input": [[]]}""")]
    [InlineData("""{"input": [1, "a"]}""")]
    [InlineData("""{"input": [-1]}""")]
    [InlineData("""{"input": [99999]}""")]
    [InlineData("""{"input": {"a": 1}}""")]
    [InlineData("""{"input": "a", "encoding_format": "hex"}""")]
    [InlineData("""{"input": "a", "dimensions": 0}""")]
    [InlineData("""{"input": "a", "dimensions": 33}""")]
    [InlineData("[]")]
    public async Task Impossible_embeddings_are_refused(string json)
    {
        await using var server = await StartAsync();

        using var response = await server.PostAsync(json, "v1/embeddings");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.False(
            string.IsNullOrEmpty(JsonElement.Parse(await response.Content.ReadAsStringAsync(Token))
                .GetProperty("error")
                .GetProperty("message")
                .GetString()));
    }

    [Fact]
    public async Task Adapters_are_listed_and_chosen_by_a_request()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("adapter.gguf");
        RandomAdapterFile.Write(path, _file.Path, rank: 4, alpha: 32);
        var model = LanguageModel.Load(_file.Path);
        await using var server = await RunningServer.StartAsync(
            new LocalCpu(model, adapters: ModelSource.LoadAdapters(model, [new AdapterFile(path, 0.5f)])));
        var list = JsonElement.Parse(await server.Http.GetStringAsync(new Uri("lora-adapters", UriKind.Relative), Token));

        var usual = await AnswerAsync("");
        var strong = await AnswerAsync(""", "lora": [{"id": 0, "scale": 1.5}]""");
        var none = await AnswerAsync(""", "lora": []""");
        var off = await AnswerAsync(""", "lora": [{"id": 0, "scale": 0}]""");

        Assert.Equal((0, path, 0.5f),
            (list[0].GetProperty("id").GetInt32(), list[0].GetProperty("path").GetString(), list[0].GetProperty("scale").GetSingle()));
        Assert.Equal(3, new[] { usual, strong, none }.Distinct().Count());
        Assert.Equal(none, off);
        Assert.Contains("no adapter 7", await AnswerAsync(""", "lora": [{"id": 7, "scale": 1}]"""), StringComparison.Ordinal);

        async Task<string> AnswerAsync(string field)
        {
            using var response = await server.PostAsync(
                $$"""
                {"messages": [{"role": "user", "content": "Hello there"}], "max_tokens": 12, "temperature": 0, "tools": []{{field}}}
                """);
            var root = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
            return root.TryGetProperty("error", out var error)
                ? error.GetProperty("message").GetString()!
                : root.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        }
    }

    [Fact]
    public async Task Adapter_is_listed_under_its_model_and_named_like_one()
    {
        using var folder = new TemporaryFolder();
        RandomAdapterFile.Write(folder.File("mine.gguf"), _file.Path, rank: 4, alpha: 32);
        var model = LanguageModel.Load(_file.Path);
        var cpu = new LocalCpu(model, adapters: ModelSource.LoadAdapters(model, [new AdapterFile(folder.File("mine.gguf"), 0)]));
        await using var server = await RunningServer.StartAsync(new CpuPool(cpu, new ScriptedSource()));

        var list = JsonElement.Parse(await server.Http.GetStringAsync(new Uri("v1/models", UriKind.Relative), Token)).GetProperty("data");
        var plain = await AnswerAsync(cpu.Info.Name);
        var adapted = await AnswerAsync("mine");

        Assert.Equal(
            ("mine", cpu.Info.Name), (list[1].GetProperty("id").GetString(), list[1].GetProperty("parent").GetString()));
        Assert.False(list[0].TryGetProperty("parent", out _));
        Assert.Equal("mine", adapted.GetProperty("model").GetString());
        Assert.NotEqual(Text(plain), Text(adapted));

        async Task<JsonElement> AnswerAsync(string name)
        {
            using var response = await server.PostAsync(
                $$"""
                {
                    "model": "{{name}}", "messages": [{"role": "user", "content": "Hello there"}], "max_tokens": 12, "temperature": 0,
                    "tools": []
                }
                """);
            return JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        }

        static string Text(JsonElement answer) =>
            answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }

    [Fact]
    public async Task Model_elsewhere_gives_no_embeddings_here()
    {
        await using var server = await RunningServer.StartAsync([]);

        using var response = await server.PostAsync("""{"input": "a"}""", "v1/embeddings");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    public void Dispose() => _file.Dispose();
}
