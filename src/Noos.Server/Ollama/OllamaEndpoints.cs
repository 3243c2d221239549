using Microsoft.AspNetCore.Http;
using Noos.Server.Hosting;
using Noos.Server.OpenAi;

namespace Noos.Server.Ollama;

/// <summary>
/// What Ollama's clients ask for (https://github.com/ollama/ollama/blob/main/docs/api.md). Models come and go by 'noos pull' and 'noos rm'.
/// </summary>
/// <param name="answers">Chats and continues.</param>
/// <param name="models">Lists the models.</param>
/// <param name="embeddings">Embeds.</param>
/// <param name="pulls">Gets models.</param>
/// <param name="chat">Measures answers.</param>
/// <param name="embedding">Measures embeddings.</param>
/// <param name="timeProvider">The clock.</param>
sealed class OllamaEndpoints(
    OllamaAnswers answers, OllamaModels models, Embeddings embeddings, PullStream pulls, ModelOperation chat, ModelOperation embedding,
    TimeProvider timeProvider)
{
    /// <summary>The version of Ollama whose API this is, which clients look at.</summary>
    public const string Version = "0.13.0";

    const int MaxTexts = 2048;

    /// <summary>The addresses: none of them is one of our own.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        "/api/chat", "/api/generate", "/api/tags", "/api/ps", "/api/show", "/api/version", "/api/embed", "/api/embeddings", "/api/pull",
    ];

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/chat", [(HttpMethods.Post, chat.Measure(answers.ChatAsync))]),
        ("/api/generate", [(HttpMethods.Post, chat.Measure(answers.GenerateAsync))]),
        ("/api/tags", [(HttpMethods.Get, http => http.Response.WriteAsJsonAsync(models.List(), OllamaJson.Default.ModelTags))]),
        ("/api/ps", [(HttpMethods.Get, http => http.Response.WriteAsJsonAsync(models.List(isOpen: true), OllamaJson.Default.ModelTags))]),
        ("/api/show", [(HttpMethods.Post, ShowAsync)]),
        ("/api/version", [(HttpMethods.Get, http => http.Response.WriteAsJsonAsync(
            new OllamaVersion(Version), OllamaJson.Default.OllamaVersion))]),
        ("/api/embed", [(HttpMethods.Post, embedding.Measure(EmbedAsync))]),
        ("/api/embeddings", [(HttpMethods.Post, embedding.Measure(EmbedOneAsync))]),
        ("/api/pull", [(HttpMethods.Post, PullAsync)]),
    ];

    async Task ShowAsync(HttpContext http)
    {
        var name = RequestBody.Parse(await RequestBody.ReadAsync(http), element =>
        {
            var root = new RequestFields(element);
            var model = OllamaRequest.NameOf(root);
            root.Accept("verbose", "system", "template", "options");
            root.RefuseUnknown();
            return model;
        });
        await http.Response.WriteAsJsonAsync(models.Show(name), OllamaJson.Default.ShownModel);
    }

    async Task EmbedAsync(HttpContext http)
    {
        var began = timeProvider.GetTimestamp();
        var (name, texts, dimensions, isWhole) = RequestBody.Parse(await RequestBody.ReadAsync(http), element =>
        {
            var root = new RequestFields(element);
            var read = (
                OllamaRequest.NameOf(root),
                root.Texts("input", MaxTexts) ?? throw ApiException.Invalid("input", "The field \"input\" is missing."),
                (int?)root.Integer("dimensions", 0, int.MaxValue) is > 0 and var given ? given : (int?)null,

                // As Ollama does: clients that cut texts by characters rely on it.
                root.Flag("truncate") == false);
            root.Accept("keep_alive", "options");
            root.RefuseUnknown();
            return read;
        });
        if (texts.Exists(text => text.Length == 0))
        {
            throw ApiException.Invalid("input", "A text in \"input\" is empty.");
        }

        var (vectors, model) = await embeddings.EmbedAsync(
            http, models.Find(name), [.. texts.Select(text => new EmbeddingInput(text))], dimensions, isCut: !isWhole);
        await http.Response.WriteAsJsonAsync(
            new EmbedBody(
                model, [.. vectors.Select(vector => vector.Vector)], (long)(timeProvider.GetElapsedTime(began).TotalMilliseconds * 1e6), 0,
                vectors.Usage?.InputTokenCount ?? 0),
            OllamaJson.Default.EmbedBody);
    }

    /// <summary>The older address: one text.</summary>
    async Task EmbedOneAsync(HttpContext http)
    {
        var (name, text) = RequestBody.Parse(await RequestBody.ReadAsync(http), element =>
        {
            var root = new RequestFields(element);
            var read = (
                OllamaRequest.NameOf(root),
                root.String("prompt") is { Length: > 0 } prompt
                    ? prompt
                    : throw ApiException.Invalid("prompt", "The field \"prompt\" is missing or empty."));
            root.Accept("keep_alive", "options");
            root.RefuseUnknown();
            return read;
        });
        var (vectors, _) = await embeddings.EmbedAsync(http, models.Find(name), [new EmbeddingInput(text)], dimensions: null, isCut: true);
        await http.Response.WriteAsJsonAsync(new EmbeddingBody(vectors[0].Vector), OllamaJson.Default.EmbeddingBody);
    }

    async Task PullAsync(HttpContext http)
    {
        var (name, isStream) = RequestBody.Parse(await RequestBody.ReadAsync(http), element =>
        {
            var root = new RequestFields(element);
            var read = (OllamaRequest.NameOf(root), root.Flag("stream") ?? true);
            root.Accept("insecure", "username", "password");
            root.RefuseUnknown();
            return read;
        });
        await pulls.PullAsync(http, name, isStream);
    }
}
