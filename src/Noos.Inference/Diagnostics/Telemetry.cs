using System.Diagnostics;
using System.Diagnostics.Metrics;
using Noos.Inference.KeyValues;

namespace Noos.Inference.Diagnostics;

/// <summary>
/// The engine's meter and activity source, both "Noos.Inference". Instruments are updated once per forward pass or generation, never per
/// element; without a listener an update costs a few nanoseconds. Thread-safe.
/// </summary>
static class Telemetry
{
    public const string Name = "Noos.Inference";

    public static readonly ActivitySource Activities = new(Name);

    static readonly Meter s_meter = new(Name);

    /// <summary>Prompt tokens that were computed; those taken from the prefix cache are not among them.</summary>
    public static readonly Counter<long> PromptTokens =
        s_meter.CreateCounter<long>("noos.inference.prompt_tokens", "{token}", "Prompt tokens computed.");

    public static readonly Counter<long> CachedTokens =
        s_meter.CreateCounter<long>("noos.inference.cached_tokens", "{token}", "Prompt tokens taken from the context or the prefix cache.");

    public static readonly Counter<long> GeneratedTokens =
        s_meter.CreateCounter<long>("noos.inference.generated_tokens", "{token}", "Tokens generated.");

    public static readonly Histogram<int> BatchTokens =
        s_meter.CreateHistogram<int>("noos.inference.batch.tokens", "{token}", "Tokens per forward pass.");

    public static readonly Histogram<int> BatchSequences =
        s_meter.CreateHistogram<int>("noos.inference.batch.sequences", "{sequence}", "Sequences per forward pass.");

    public static readonly Histogram<double> BatchDuration =
        s_meter.CreateHistogram<double>("noos.inference.batch.duration", "s", "Duration of a forward pass.");

    public static readonly Counter<double> TranscribedTime =
        s_meter.CreateCounter<double>("noos.inference.transcription.audio", "s", "Seconds of speech transcribed.");

    public static readonly Histogram<double> TranscriptionDuration =
        s_meter.CreateHistogram<double>("noos.inference.transcription.duration", "s", "Duration of transcribing a window.");

    static readonly Lock s_lock = new();
    static readonly List<(string Model, KeyValuePages Pages)> s_pages = [];

    static Telemetry() => s_meter.CreateObservableUpDownCounter(
        "noos.inference.kv_pages", Measure, "{page}", "KV pages in use, by sequences or kept for prefix reuse.");

    /// <summary>Lets the pages of a model be observed until <see cref="Forget"/>.</summary>
    public static void Observe(string model, KeyValuePages pages)
    {
        lock (s_lock)
        {
            s_pages.Add((model, pages));
        }
    }

    public static void Forget(KeyValuePages pages)
    {
        lock (s_lock)
        {
            s_pages.RemoveAll(known => known.Pages == pages);
        }
    }

    static Measurement<int>[] Measure()
    {
        lock (s_lock)
        {
            return [.. s_pages.Select(known => new Measurement<int>(
                known.Pages.TakenCount, new KeyValuePair<string, object?>("gen_ai.request.model", known.Model)))];
        }
    }
}
