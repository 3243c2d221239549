using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Noos.Core;
using Noos.Cpus.Local;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Server.Hosting;

namespace Noos.Server.OpenAi;

/// <summary>
/// <c>POST /v1/embeddings</c>: a text, texts, or texts as tokens, each to a vector of length one, of an encoder or of a decoder whose
/// states are pooled. With "dimensions" it is cut off and normalized again, which is right for models that were trained for it.
/// </summary>
/// <param name="requests">Where it is listed while it is answered.</param>
sealed class Embeddings(Assistant assistant, RequestTable requests)
{
    const int MaxTexts = 2048;

    public async Task HandleAsync(HttpContext http)
    {
        var request = RequestBody.Parse(await RequestBody.ReadAsync(http), Read);
        var (vectors, model) = await EmbedAsync(
            http, Choose(request.Model).Name, request.Inputs, request.Dimensions);
        http.Response.ContentType = "application/json; charset=utf-8";
        await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        for (var index = 0; index < vectors.Count; index++)
        {
            writer.WriteStartObject();
            writer.WriteString("object", "embedding");
            writer.WriteNumber("index", index);
            Write(writer, vectors[index].Vector.Span, request.IsBase64);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("model", model);
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", vectors.Usage!.InputTokenCount!.Value);
        writer.WriteNumber("total_tokens", vectors.Usage.TotalTokenCount!.Value);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The vectors of some inputs, and the name of the model that made them.</summary>
    /// <param name="http">The request.</param>
    /// <param name="model">Who is asked.</param>
    /// <param name="inputs">Texts, or tokens.</param>
    /// <param name="dimensions">How many numbers of each are kept; null for all.</param>
    /// <param name="isCut">Of a text that is longer than the model reads the end is left out; else it is refused.</param>
    /// <exception cref="ApiException">The model runs elsewhere.</exception>
    /// <exception cref="NoosException">A text is too long, or there are not so many dimensions.</exception>
    public async Task<(GeneratedEmbeddings<Embedding<float>> Vectors, string Model)> EmbedAsync(
        HttpContext http, string model, IReadOnlyList<EmbeddingInput> inputs, int? dimensions, bool isCut = false)
    {
        ModelOperation.Name(http, model);
        using var lease = assistant.Cpu is CpuPool pool ? await pool.LeaseAsync(model, http.RequestAborted) : null;
        var cpu = lease?.Cpu ?? assistant.Cpu;
        if (cpu.GetService(typeof(LocalEmbeddingGenerator)) is not LocalEmbeddingGenerator generator)
        {
            throw new ApiException(
                StatusCodes.Status400BadRequest, $"The model {cpu.Info.Name} runs elsewhere, so it gives no embeddings here.");
        }

        int[][] texts =
        [
            .. inputs.Select(input => input.Tokens ?? (isCut ? generator.EncodeCut(input.Text!) : generator.Encode(input.Text!))),
        ];
        using var process = requests.Begin(
            RequestOwner.Of(http), new ProcessProgram { Model = cpu.Info.Name },
            $"Embeddings of {(texts.Length == 1 ? "a text" : $"{texts.Length} texts")}", ProcessPriority.Interactive, http.RequestAborted);
        process.Run();
        var vectors = await GenerateAsync(generator, texts, dimensions, process);
        process.Note(new ProcessUsage(vectors.Usage!.InputTokenCount!.Value));
        return (vectors, cpu.Info.Name);
    }

    static async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        LocalEmbeddingGenerator generator, int[][] texts, int? dimensions, RequestProcess process)
    {
        try
        {
            return await generator.GenerateAsync(texts, dimensions, process.Token);
        }
        catch (OperationCanceledException) when (process.IsKilled)
        {
            throw process.ToException();
        }
        catch (NoosException refusal) when (refusal is { Kind: ErrorKind.Invalid, Parameter: null })
        {
            // Of all that was asked for only the texts can be at fault then.
            throw new NoosException(refusal.Kind, refusal.Message, refusal) { Code = refusal.Code, Parameter = "input" };
        }
    }

    /// <summary>
    /// Who makes the vectors. Those of another model than the one that was meant are worth nothing beside what an index has: only a server
    /// that was started with an encoder answers programs that insist on a name of their own.
    /// </summary>
    /// <exception cref="NoosException">There is no such model (NotFound).</exception>
    CpuInfo Choose(string? name) => assistant.Cpu.Info.IsEncoder ? Models.FindOrUsual(assistant.Cpu, name) : assistant.Cpu.Describe(name);

    static void Write(Utf8JsonWriter writer, ReadOnlySpan<float> vector, bool isBase64)
    {
        if (isBase64)
        {
            // Little-endian, as the machines are that this runs on.
            writer.WriteBase64String("embedding", MemoryMarshal.AsBytes(vector));
            return;
        }

        writer.WriteStartArray("embedding");
        foreach (var value in vector)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }

    static EmbeddingRequest Read(JsonElement body)
    {
        var root = new RequestFields(body);
        var input = root.Find("input") ?? throw ApiException.Invalid("input", "The field \"input\" is missing.");
        var request = new EmbeddingRequest(
            Inputs(input),
            (int?)root.Integer("dimensions", 1, int.MaxValue),
            root.Word("encoding_format", "float", "base64") == "base64")
        {
            Model = root.String("model"),
        };
        root.Accept("user");
        root.RefuseUnknown();
        return request;
    }

    static IReadOnlyList<EmbeddingInput> Inputs(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            return [Text(input)];
        }

        if (input.ValueKind != JsonValueKind.Array || input.GetArrayLength() == 0)
        {
            throw Bad();
        }

        if (input[0].ValueKind == JsonValueKind.Number)
        {
            return [new EmbeddingInput(null, Tokens(input))];
        }

        return input.GetArrayLength() > MaxTexts
            ? throw ApiException.Invalid("input", $"The field \"input\" may hold at most {MaxTexts} texts.")
            : [.. input.EnumerateArray().Select(item => item.ValueKind switch
            {
                JsonValueKind.String => Text(item),
                JsonValueKind.Array when item.GetArrayLength() > 0 => new EmbeddingInput(null, Tokens(item)),
                _ => throw Bad(),
            })];
    }

    static EmbeddingInput Text(JsonElement item) =>
        item.GetString() is { Length: > 0 } text
            ? new EmbeddingInput(text, null)
            : throw ApiException.Invalid("input", "A text in \"input\" is empty.");

    static int[] Tokens(JsonElement list) =>
        [.. list.EnumerateArray()
            .Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var token) ? token : throw Bad())];

    static ApiException Bad() =>
        ApiException.Invalid("input", "The field \"input\" must be a text, a list of texts, a list of tokens, or a list of such lists.");

    sealed record EmbeddingRequest(IReadOnlyList<EmbeddingInput> Inputs, int? Dimensions, bool IsBase64)
    {
        public string? Model { get; init; }
    }
}

/// <summary>A text, or its tokens.</summary>
readonly record struct EmbeddingInput(string? Text, int[]? Tokens = null);
