using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Cpus.Library;
using Noos.Kernel.Cpu;
using Noos.Server.OpenAi;

namespace Noos.Server.Ollama;

/// <summary>The models as Ollama's clients read them. Thread-safe.</summary>
/// <param name="cpu">Runs them.</param>
/// <param name="library">Where their files lie; null where nobody knows.</param>
/// <param name="started">When the server was, which stands for the age of a model elsewhere.</param>
sealed class OllamaModels(ICpu cpu, ModelLibrary? library, DateTimeOffset started)
{
    // It stays until room is needed, which nobody can tell.
    const int YearsOpen = 100;

    // Reading the vocabulary of a file takes a while, and clients list often.
    readonly ConcurrentDictionary<(string Path, DateTime Written), ModelDetails> _read = [];

    /// <summary>Those that chat and that requests may ask for, or only those in memory.</summary>
    public ModelTags List(bool isOpen = false)
    {
        var stored = Stored();
        return new ModelTags(
        [
            .. cpu.List().Where(listing => listing.IsOpen || !(isOpen || listing.IsBase))
                .Select(listing => ToTag(listing, stored, isOpen)),
        ]);
    }

    /// <summary>One, with all that is known of it.</summary>
    /// <exception cref="NoosException">There is none of this name (NotFound).</exception>
    public ShownModel Show(string name)
    {
        var info = cpu.Describe(name);
        var details = DetailsOf(info.Name, Stored());
        var architecture = details?.Architecture ?? "";
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        Add("general.architecture", details?.Architecture);
        Add("general.parameter_count", details?.Parameters);
        Add($"{architecture}.context_length", details?.ContextLength ?? info.MaxTokens);
        Add($"{architecture}.embedding_length", details?.EmbeddingLength);
        Add($"{architecture}.block_count", details?.BlockCount);
        Add($"{architecture}.attention.head_count", details?.HeadCount);
        Add($"{architecture}.attention.head_count_kv", details?.KeyValueHeadCount);
        return new ShownModel(
            details?.License ?? "", $"FROM {info.Name}\n", "", details?.ChatTemplate ?? "", ToDetails(details), values,
            CapabilitiesOf(info, details), ModifiedOf(details));

        void Add(string key, object? value)
        {
            if (value is not null)
            {
                values[key.TrimStart('.')] = value is string text
                    ? JsonSerializer.SerializeToElement(text, OllamaJson.Default.String)
                    : JsonSerializer.SerializeToElement(Convert.ToInt64(value, CultureInfo.InvariantCulture), OllamaJson.Default.Int64);
            }
        }
    }

    /// <summary>The name by which a model is known here.</summary>
    /// <exception cref="NoosException">There is none of this name (NotFound).</exception>
    public string Find(string name) => cpu.Describe(name).Name;

    /// <summary>Refuses a model of which is known that it does not think.</summary>
    /// <exception cref="ApiException">It does not.</exception>
    /// <exception cref="NoosException">There is none of this name (NotFound).</exception>
    public void RequireThinking(string name)
    {
        var info = cpu.Describe(name);
        if (DetailsOf(info.Name, Stored()) is { } details && !Thinks(details))
        {
            throw ApiException.Invalid("think", $"The model {info.Name} does not think; leave out \"think\", or let it be false.");
        }
    }

    IReadOnlyList<StoredModel> Stored() => library?.List() ?? [];

    ModelTag ToTag(CpuListing listing, IReadOnlyList<StoredModel> stored, bool isOpen)
    {
        var name = listing.Info.Name;
        var details = DetailsOf(name, stored);
        var (size, modified) = (details?.Bytes ?? listing.Bytes, ModifiedOf(details));
        return new ModelTag(name, name, modified, size, Digest($"{name}\n{size}\n{modified:O}"), ToDetails(details))
        {
            ExpiresAt = isOpen ? started.AddYears(YearsOpen) : null,
            SizeVram = isOpen ? 0 : null,
            ContextLength = isOpen ? listing.Info.MaxTokens : null,
        };
    }

    /// <summary>Of the file, where it is known and can be read.</summary>
    ModelDetails? DetailsOf(string name, IReadOnlyList<StoredModel> stored)
    {
        try
        {
            var model = stored.FirstOrDefault(model => model.IsWhole && IsSame(model.Name, name))
                ?? stored.FirstOrDefault(model => model.IsWhole && IsSame(model.Id, name));
            return model is not null
                ? _read.GetOrAdd((model.Path, File.GetLastWriteTimeUtc(model.Path)), static key => ModelDetails.Read(key.Path))
                : IsSame(name, cpu.Info.Name) ? cpu.GetService(typeof(ModelDetails)) as ModelDetails
                : null;
        }
        catch (NoosException)
        {
            // A file that is damaged is listed as it is; that it cannot be read is said to whoever asks it.
            return null;
        }
    }

    DateTimeOffset ModifiedOf(ModelDetails? details) => details?.Modified ?? started;

    static TagDetails ToDetails(ModelDetails? details) => new(
        "", "gguf", details?.Architecture ?? "", details is null ? [] : [details.Architecture],
        details is null ? "" : Size(details.Parameters), details?.Quantization?.ToUpperInvariant() ?? "");

    static List<string> CapabilitiesOf(CpuInfo info, ModelDetails? details)
    {
        if (info.IsEncoder)
        {
            return ["embedding"];
        }

        // Calls can be written by every model here, since the grammar sees to it; only files here give embeddings.
        List<string> all = ["completion", "tools"];
        if (details is not null)
        {
            all.Add("embedding");
        }

        if (info.Can.HasFlag(CpuFeatures.See))
        {
            all.Add("vision");
        }

        if (Thinks(details))
        {
            all.Add("thinking");
        }

        return all;
    }

    static bool Thinks(ModelDetails? details) =>
        details?.ChatTemplate is { } template
        && (template.Contains("think", StringComparison.OrdinalIgnoreCase)
            || template.Contains("reasoning_effort", StringComparison.Ordinal));

    static string Size(long count) => string.Create(
        CultureInfo.InvariantCulture, $"{(count >= 1_000_000_000 ? count / 1e9 : count / 1e6):0.#}{(count >= 1_000_000_000 ? 'B' : 'M')}");

    static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
