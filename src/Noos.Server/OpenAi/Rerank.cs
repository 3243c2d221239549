using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Noos.Cpus.Local;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Server.Hosting;

namespace Noos.Server.OpenAi;

/// <summary>
/// <c>POST /v1/rerank</c>: documents in the order in which they answer a question, in the format of Jina and Cohere.
/// </summary>
/// <param name="requests">Where it is listed while it is answered.</param>
sealed class Rerank(Assistant assistant, RequestTable requests)
{
    const int MaxDocuments = 2048;

    public async Task HandleAsync(HttpContext http)
    {
        var request = RequestBody.Parse(await RequestBody.ReadAsync(http), Read);
        var ((ranked, tokens), model) = await RankAsync(http, request);
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteString("model", model);
        writer.WriteStartArray("results");
        foreach (var (index, score) in ranked.Take(request.Count))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", index);
            writer.WriteNumber("relevance_score", score);
            if (request.ReturnsDocuments)
            {
                writer.WriteStartObject("document");
                writer.WriteString("text", request.Documents[index]);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", tokens);
        writer.WriteNumber("total_tokens", tokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    async Task<(Ranking Ranking, string Model)> RankAsync(HttpContext http, RerankRequest request)
    {
        // As with vectors: scores of another model than the one that was meant would pass for its own.
        var usual = assistant.Cpu;
        var model = usual.Info.IsEncoder ? Models.FindOrUsual(usual, request.Model).Name : usual.Describe(request.Model).Name;
        ModelOperation.Name(http, model);
        using var lease = usual is CpuPool pool ? await pool.LeaseAsync(model, http.RequestAborted) : null;
        var cpu = lease?.Cpu ?? usual;
        if (cpu.GetService(typeof(LocalReranker)) is not LocalReranker reranker)
        {
            throw ApiException.Invalid(
                "model", $"The model {cpu.Info.Name} does not rank texts; name a reranker, such as jina-reranker, in \"model\".");
        }

        var count = request.Documents.Count;
        using var process = requests.Begin(
            RequestOwner.Of(http), new ProcessProgram { Model = cpu.Info.Name },
            $"Order of {(count == 1 ? "a text" : $"{count} texts")}", ProcessPriority.Interactive, http.RequestAborted);
        process.Run();
        try
        {
            var ranking = await reranker.RankAsync(request.Query, request.Documents, process.Token);
            process.Note(new ProcessUsage(ranking.Tokens));
            return (ranking, cpu.Info.Name);
        }
        catch (OperationCanceledException) when (process.IsKilled)
        {
            throw process.ToException();
        }
    }

    static RerankRequest Read(JsonElement body)
    {
        var root = new RequestFields(body);
        var query = root.String("query") is { Length: > 0 } text
            ? text
            : throw ApiException.Invalid("query", "The field \"query\" is missing or empty; it has what is asked.");
        // llama-server's clients also call them texts.
        var name = root.Find("documents") is null && root.Find("texts") is not null ? "texts" : "documents";
        var documents = root.Find(name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() is > 0 and <= MaxDocuments
            ? list.EnumerateArray().Select((document, index) => Text(document, $"{name}[{index}]")).ToArray()
            : throw ApiException.Invalid(name, $"The field \"{name}\" must be a list of 1 to {MaxDocuments} texts.");
        var request = new RerankRequest(
            query, documents, (int)(root.Integer("top_n", 1, int.MaxValue) ?? documents.Length), root.Flag("return_documents") ?? false)
        {
            Model = root.String("model"),
        };
        root.Accept("user");
        root.RefuseUnknown();
        return request;
    }

    static string Text(JsonElement document, string path) => document.ValueKind switch
    {
        JsonValueKind.String => document.GetString()!,
        JsonValueKind.Object when RequestFields.From(document, path).String("text") is { } text => text,
        _ => throw ApiException.Invalid(path, $"{path} must be a text, or an object with its \"text\"."),
    };

    sealed record RerankRequest(string Query, IReadOnlyList<string> Documents, int Count, bool ReturnsDocuments)
    {
        public string? Model { get; init; }
    }
}
