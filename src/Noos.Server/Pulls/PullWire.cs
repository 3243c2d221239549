using System.Text.Json.Serialization;

namespace Noos.Server.Pulls;

/// <summary>A pull as <c>/api/pulls</c> tells of it.</summary>
/// <param name="Model">What is pulled: OWNER/REPO, with :QUANTIZATION or :FILE where one was asked for.</param>
/// <param name="State">How it stands.</param>
/// <param name="Completed">Bytes that are here.</param>
public sealed record PullEntry(string Model, PullState State, long Completed)
{
    /// <summary>Bytes of all files; null while nobody knows.</summary>
    public long? Total { get; init; }

    /// <summary>Null until it can be told.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>Null until it can be told.</summary>
    public long? SecondsLeft { get; init; }

    /// <summary>Something other than the plain arrival of bytes that goes on.</summary>
    public string? Note { get; init; }

    /// <summary>Why it failed, in a sentence that says what to do.</summary>
    public string? Problem { get; init; }

    public static PullEntry From(ModelPull pull)
    {
        ArgumentNullException.ThrowIfNull(pull);
        var status = pull.Status;
        return new PullEntry(pull.Reference, status.State, status.Done)
        {
            Total = status.Total > 0 ? status.Total : null,
            BytesPerSecond = status is { State: PullState.Running, BytesPerSecond: > 0 } ? (long)status.BytesPerSecond : null,
            SecondsLeft = status is { State: PullState.Running, TimeLeft: { } left } ? (long)left.TotalSeconds : null,
            Note = status.State == PullState.Running ? status.Note : null,
            Problem = status.Problem,
        };
    }
}

/// <param name="Data">Those since the start of the server, by their names.</param>
public sealed record PullList(IReadOnlyList<PullEntry> Data);

/// <summary>What <c>/api/pulls</c> answers, as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PullEntry))]
[JsonSerializable(typeof(PullList))]
public sealed partial class PullJson : JsonSerializerContext;
