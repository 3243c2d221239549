using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Noos.Cpus;
using Noos.Cpus.Library;
using Noos.Cpus.Local;
using Noos.Inference.Encoders;
using Noos.Testing;
using Noos.Testing.RandomModels;

namespace Noos.Server.Tests;

/// <summary>Documents in the order in which a cross-encoder scores them.</summary>
public sealed class RerankApiTests : IDisposable
{
    static readonly string[] s_documents = ["the foxes", "a b", "snow", "the snow . a fox"];

    readonly TinyModel _tiny = new();
    readonly TemporaryFolder _folder = new();

    public RerankApiTests()
    {
        using var ranker = new BertFolder(ranks: true);
        ranker.Convert(Ranker, "f32", Token);
        using var bert = new BertFolder();
        bert.Convert(_folder.File("Bert.gguf"), "f32", Token);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Ranker => _folder.File("Ranker.gguf");

    public void Dispose()
    {
        _tiny.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("v1/rerank")]
    [InlineData("rerank")]
    public async Task Documents_come_best_first_with_index_score_and_usage(string path)
    {
        await using var server = await StartAsync(_tiny.Path);
        using var reranker = new LocalReranker(EncoderModel.Load(Ranker));
        var (expected, tokens) = await reranker.RankAsync("snow fox", s_documents, Token);

        var (status, answer) = await server.SendAsync("POST", path, Body("Ranker"));

        Assert.Equal(200, status);
        Assert.Equal("Ranker", answer.GetProperty("model").GetString());
        Assert.Equal(expected, answer.GetProperty("results").EnumerateArray().Select(result => new RankedDocument(
            result.GetProperty("index").GetInt32(), result.GetProperty("relevance_score").GetDouble())));
        Assert.All(expected, document => Assert.InRange(document.Score, 0, 1));
        Assert.Equal(tokens, answer.GetProperty("usage").GetProperty("total_tokens").GetInt64());
    }

    [Fact]
    public async Task Only_the_best_come_with_their_texts_where_that_is_asked_for()
    {
        await using var server = await StartAsync(Ranker);
        var (_, all) = await server.SendAsync("POST", "v1/rerank", Body("rerank-multilingual-v3.0"));
        var (_, two) = await server.SendAsync(
            "POST", "v1/rerank",
            """
            {"query": "snow fox", "documents": [{"text": "the foxes"}, "a b", "snow", {"text": "the snow . a fox"}], "top_n": 2,
             "return_documents": true}
            """);

        Assert.Equal(2, two.GetProperty("results").GetArrayLength());
        foreach (var (result, other) in two.GetProperty("results").EnumerateArray().Zip(all.GetProperty("results").EnumerateArray()))
        {
            Assert.Equal(other.GetProperty("index").GetInt32(), result.GetProperty("index").GetInt32());
            Assert.Equal(
                s_documents[result.GetProperty("index").GetInt32()], result.GetProperty("document").GetProperty("text").GetString());
        }
    }

    [Fact]
    public async Task Document_that_is_too_long_is_cut()
    {
        await using var server = await StartAsync(Ranker);
        var text = string.Concat(Enumerable.Repeat("fox ", 3 * BertFolder.Context));

        var (status, answer) = await server.SendAsync("POST", "v1/rerank", $$"""{"query": "a", "documents": ["{{text}}"]}""");

        Assert.Equal((200, BertFolder.Context), (status, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32()));
    }

    [Theory]
    [InlineData("""{"model": "Ranker", "documents": ["a"]}""", 400, "query")]
    [InlineData("""{"model": "Ranker", "query": "", "documents": ["a"]}""", 400, "query")]
    [InlineData("""{"model": "Ranker", "query": ["a"], "documents": ["a"]}""", 400, "query")]
    [InlineData("""{"model": "Ranker", "query": "LONG", "documents": ["a"]}""", 400, "query")]
    [InlineData("""{"model": "Ranker", "query": "a"}""", 400, "documents")]
    [InlineData("""{"model": "Ranker", "query": "a", "documents": []}""", 400, "documents")]
    [InlineData("""{"model": "Ranker", "query": "a", "documents": "a"}""", 400, "documents")]
    [InlineData("""{"model": "Ranker", "query": "a", "documents": ["a", 3]}""", 400, "documents[1]")]
    [InlineData("""{"model": "Ranker", "query": "a", "documents": [{"title": "a"}]}""", 400, "documents[0]")]
    [InlineData("""{"model": "Ranker", "query": "a", "documents": ["a"], "top_n": 0}""", 400, "top_n")]
    [InlineData("""{"model": "Ranker", "query": "a", "documents": ["a"], "return_documents": 1}""", 400, "return_documents")]
    [InlineData("""{"model": "Ranker", "query": "a", "documents": ["a"], "top_k": 1}""", 400, "top_k")]
    [InlineData("""{"model": "Bert", "query": "a", "documents": ["a"]}""", 400, "model")]
    [InlineData("""{"query": "a", "documents": ["a"]}""", 400, "model")]
    [InlineData("""{"model": "nobody", "query": "a", "documents": ["a"]}""", 404, "model")]
    public async Task What_cannot_be_ranked_is_refused_with_the_field(string body, int status, string field)
    {
        await using var server = await StartAsync(_tiny.Path);
        var text = string.Concat(Enumerable.Repeat("fox ", BertFolder.Context));

        var (actual, answer) = await server.SendAsync("POST", "v1/rerank", body.Replace("LONG", text, StringComparison.Ordinal));

        Assert.Equal((status, field), (actual, answer.GetProperty("error").GetProperty("param").GetString()));
        Assert.NotEmpty(answer.GetProperty("error").GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Reranker_makes_no_vectors()
    {
        await using var server = await StartAsync(Ranker);

        var (status, answer) = await server.SendAsync("POST", "v1/embeddings", """{"input": "a"}""");

        Assert.Equal(400, status);
        Assert.Contains("/v1/rerank", answer.ToString(), StringComparison.Ordinal);
    }

    static string Body(string model) => JsonSerializer.Serialize(new { model, query = "snow fox", documents = s_documents });

    Task<RunningServer> StartAsync(string model) => RunningServer.StartAsync(
        ModelSource.OpenPool(new NoosOptions { Model = model, Library = Library() }),
        builder => builder.Services.AddSingleton(new ModelLibrary(Library())));

    ModelLibraryOptions Library() => new() { Folders = [_folder.Path], PullFolder = _folder.File("pulled") };
}
