using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Inference.Encoders;
using Noos.Kernel.Cpu;
using Noos.Testing;
using Noos.Testing.RandomModels;
using OllamaSharp;
using OllamaSharp.Models;
using OpenAI;
using OpenAI.Embeddings;

namespace Noos.Server.Tests;

/// <summary>Vectors of an encoder, whom requests name or the server was started with, read with the clients of the APIs.</summary>
public sealed class EncoderApiTests : IDisposable
{
    static readonly string[] s_texts = ["The snow foxes.", "a b", "fox"];

    readonly TinyModel _tiny = new();
    readonly BertFolder _bert = new();
    readonly TemporaryFolder _folder = new();

    public EncoderApiTests() => _bert.Convert(_folder.File("Bert.gguf"), "f32", Token);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Encoder => _folder.File("Bert.gguf");

    public void Dispose()
    {
        _tiny.Dispose();
        _bert.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Official_client_gets_the_vectors_of_an_encoder_of_the_library_that_it_names()
    {
        await using var server = await StartAsync(_tiny.Path);
        var (expected, tokens) = await ExpectedAsync();
        Assert.Equal([("Tiny", false, true), ("Bert", true, false)], await ModelsAsync(server));

        var client = Client(server, "bert");
        OpenAIEmbeddingCollection all = await client.GenerateEmbeddingsAsync(s_texts, cancellationToken: Token);
        OpenAIEmbedding small = await client.GenerateEmbeddingAsync(s_texts[0], new EmbeddingGenerationOptions { Dimensions = 8 }, Token);

        Assert.Equal(expected, all.Select(item => item.ToFloats().ToArray()));
        Assert.Equal(("Bert", tokens, tokens), (all.Model, all.Usage.InputTokenCount, all.Usage.TotalTokenCount));
        Assert.Equal([0, 1, 2], all.Select(item => item.Index));
        var length = Math.Sqrt(expected[0].Take(8).Sum(value => (double)value * value));
        Assert.Equal(8, small.ToFloats().Length);
        Assert.All(
            small.ToFloats().ToArray().Zip(expected[0]), pair => Assert.Equal(pair.Second / length, pair.First, 1e-6));
        Assert.Equal([("Tiny", false, true), ("Bert", true, true)], await ModelsAsync(server));

        // The text API has the same numbers, and fits the published schema.
        var (_, floats) = await server.SendAsync("POST", "v1/embeddings", """{"model": "Bert", "input": ["The snow foxes.", "a b"]}""");
        OpenAiSchema.Check("CreateEmbeddingResponse", floats);
        Assert.Equal(
            expected[1],
            floats.GetProperty("data")[1].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()));
    }

    [Theory]
    [InlineData("""{"model": "text-embedding-3-small", "input": "a"}""", 404, "model", "model_not_found")]
    [InlineData("""{"model": "Bert", "input": "a", "dimensions": 65}""", 400, "dimensions", null)]
    [InlineData("""{"model": "Bert", "input": ["a", ""]}""", 400, "input", null)]
    [InlineData("""{"model": "Bert", "input": [2, 99]}""", 400, "input", null)]
    [InlineData("""{"model": "Bert", "input": "a", "encoding_format": "hex"}""", 400, "encoding_format", null)]
    [InlineData("""{"model": "Bert", "input": "LONG"}""", 400, "input", "context_length_exceeded")]
    public async Task What_cannot_be_embedded_is_refused_in_the_shape_of_the_api(string body, int status, string field, string? code)
    {
        await using var server = await StartAsync(_tiny.Path);

        var text = string.Concat(Enumerable.Repeat("fox ", BertFolder.Context));

        var (actual, answer) = await server.SendAsync("POST", "v1/embeddings", body.Replace("LONG", text, StringComparison.Ordinal));

        var error = answer.GetProperty("error");
        Assert.Equal((status, field), (actual, error.GetProperty("param").GetString()));
        Assert.Equal(status == 404 ? "not_found_error" : "invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        if (code is not null)
        {
            Assert.Equal(code, error.GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Server_that_was_started_with_an_encoder_embeds_for_any_name_and_refuses_to_chat()
    {
        await using var server = await StartAsync(Encoder);
        var (expected, _) = await ExpectedAsync();

        OpenAIEmbeddingCollection all = await Client(server, "text-embedding-3-small").GenerateEmbeddingsAsync(
            s_texts, cancellationToken: Token);
        Assert.Equal(expected, all.Select(item => item.ToFloats().ToArray()));
        Assert.Equal("Bert", all.Model);

        foreach (var (path, fields) in (IEnumerable<(string, string)>)[
            ("v1/chat/completions", """ "messages": [{"role": "user", "content": "hi"}], "stream": true """),
            ("v1/responses", """ "input": "hi" """),
            ("v1/completions", """ "prompt": "hi" """),
            ("v1/messages", """ "model": "Bert", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}] """),
            ("v1/messages/count_tokens", """ "model": "Bert", "messages": [{"role": "user", "content": "hi"}] """),
            ("api/chat", """ "model": "Bert", "messages": [{"role": "user", "content": "hi"}] """)])
        {
            var (status, answer) = await server.SendAsync("POST", path, $"{{{fields}}}");
            Assert.Equal((path, 400), (path, status));
            Assert.Contains("is an encoder", answer.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Encoder_is_no_fallback_and_no_model_of_a_process()
    {
        await using var home = await RunningHome.StartAsync(Pool(_tiny.Path));

        var (spawned, refusal) = await home.SendAsync("POST", "api/processes", """{"model": "Bert"}""");
        var (fallen, other) = await home.SendAsync(
            "POST", "v1/chat/completions", """{"messages": [{"role": "user", "content": "hi"}], "fallbacks": ["Bert"]}""");

        Assert.Equal((400, "model"), (spawned, refusal.GetProperty("error").GetProperty("param").GetString()));
        Assert.Equal((400, "fallbacks"), (fallen, other.GetProperty("error").GetProperty("param").GetString()));
    }

    [Fact]
    public async Task Clients_of_Ollama_embed_with_it_and_long_texts_are_cut_unless_they_say_otherwise()
    {
        await using var server = await StartAsync(Encoder);
        using var client = new OllamaApiClient(server.Address, "Bert");
        var (expected, tokens) = await ExpectedAsync();

        var embedded = await client.EmbedAsync(new EmbedRequest { Model = "Bert", Input = [.. s_texts] }, Token);
        Assert.Equal(expected, embedded.Embeddings);
        Assert.Equal(tokens, embedded.PromptEvalCount);
        Assert.Equal(["embedding"], (await client.ShowModelAsync(new ShowModelRequest { Model = "Bert" }, Token)).Capabilities!);

        var longText = string.Concat(Enumerable.Repeat("fox ", 2 * BertFolder.Context));
        var (cutStatus, cut) = await server.SendAsync("POST", "api/embed", $$"""{"model": "Bert", "input": "{{longText}}"}""");
        var (wholeStatus, whole) = await server.SendAsync(
            "POST", "api/embed", $$"""{"model": "Bert", "input": "{{longText}}", "truncate": false}""");

        Assert.Equal((200, BertFolder.Context), (cutStatus, cut.GetProperty("prompt_eval_count").GetInt32()));
        using var model = EncoderModel.Load(Encoder);
        // [CLS], as many words as there is room for, [SEP].
        var tokensOfCut = model.Tokenizer.EncodeDocument(string.Concat(Enumerable.Repeat("fox ", BertFolder.Context - 2)));
        Assert.Equal(
            (await model.EmbedAsync([tokensOfCut], cancellationToken: Token))[0],
            cut.GetProperty("embeddings")[0].EnumerateArray().Select(value => value.GetSingle()));
        Assert.Equal(400, wholeStatus);
        Assert.Contains("split it", whole.GetProperty("error").GetString()!, StringComparison.Ordinal);
    }

    CpuPool Pool(string model) => ModelSource.OpenPool(new NoosOptions { Model = model, Library = Library() });

    ModelLibraryOptions Library() => new() { Folders = [_folder.Path], PullFolder = _folder.File("pulled") };

    Task<RunningServer> StartAsync(string model) => RunningServer.StartAsync(
        Pool(model), builder => builder.Services.AddSingleton(new ModelLibrary(Library())));

    async Task<(float[][] Vectors, int Tokens)> ExpectedAsync()
    {
        using var model = EncoderModel.Load(Encoder);
        int[][] tokens = [.. s_texts.Select(text => model.Tokenizer.EncodeDocument(text))];
        return (await model.EmbedAsync(tokens, cancellationToken: Token), tokens.Sum(text => text.Length));
    }

    static async Task<(string, bool, bool)[]> ModelsAsync(RunningServer server) =>
    [
        .. (await server.SendAsync("GET", "v1/models")).Body.GetProperty("data").EnumerateArray().Select(model => (
            model.GetProperty("id").GetString()!, model.TryGetProperty("encoder", out _),
            model.GetProperty("loaded").GetBoolean())),
    ];

    static EmbeddingClient Client(RunningServer server, string model) => new(
        model, new ApiKeyCredential("none"),
        new OpenAIClientOptions { Endpoint = new Uri(server.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
