using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Noos.Core;
using Noos.Corpus.Cleaning.Signals;
using Noos.Corpus.Documents;

namespace Noos.Corpus.Cleaning.Pages;

/// <summary>A page of a corpus: its text, where it lies as it was fetched, and what was measured of it. One line of JSON.</summary>
public sealed record PageRecord
{
    /// <summary>As it was asked for.</summary>
    public required string Address { get; init; }

    /// <summary>The site, which is the source of its documents.</summary>
    public required string Host { get; init; }

    /// <summary>When it was fetched; null where the archive does not say.</summary>
    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>The archive that holds it, relative to the folder of the corpus.</summary>
    public required string Archive { get; init; }

    /// <summary>Where its record begins in the archive; -1 where the archive is packed as a whole.</summary>
    public required long Offset { get; init; }

    /// <summary>Of the body, as the archive has it; null where it does not say.</summary>
    public string? Digest { get; init; }

    /// <summary>What it is by its content.</summary>
    public required string MediaType { get; init; }

    /// <summary>The encoding that it was read with.</summary>
    public string? Charset { get; init; }

    /// <summary>ISO 639-1, or <c>und</c>.</summary>
    public required string Language { get; init; }

    public string? Title { get; init; }

    /// <summary>What the page or its site does not want, in the words of archives; null for nothing.</summary>
    public string? OptOuts { get; init; }

    public required SignalSet Signals { get; init; }

    /// <summary>Markdown.</summary>
    public required string Text { get; init; }

    /// <summary>Where it lies as it was fetched.</summary>
    public string Capture => string.Create(CultureInfo.InvariantCulture, $"{Archive}#{Offset}");

    /// <summary>The document that training and search get.</summary>
    public Document ToDocument() => new(
        new DocumentOrigin(Host, Address)
        {
            FetchedAt = FetchedAt,
            Language = Language == Languages.LanguageGuess.Unknown ? null : Language,
            Capture = Capture,
        },
        Text, Title);

    /// <summary>The line, with its end.</summary>
    internal void WriteTo(IBufferWriter<byte> output)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            SkipValidation = true,
        }))
        {
            json.WriteStartObject();
            json.WriteString("id", DocumentId.From(Host, Address).ToString());
            json.WriteString("address", Address);
            json.WriteString("host", Host);
            Write("fetched", FetchedAt?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteString("archive", Archive);
            json.WriteNumber("offset", Offset);
            Write("digest", Digest);
            json.WriteString("media_type", MediaType);
            Write("charset", Charset);
            json.WriteString("language", Language);
            Write("title", Title);
            Write("opt_outs", OptOuts);
            json.WriteStartObject("signals");
            foreach (var (name, value) in Signals.Values)
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
            json.WriteString("text", Text);
            json.WriteEndObject();

            void Write(string name, string? value)
            {
                if (value is not null)
                {
                    json.WriteString(name, value);
                }
            }
        }

        output.Write("\n"u8);
    }

    /// <summary>Reads a line.</summary>
    /// <exception cref="NoosException">It is none.</exception>
    internal static PageRecord Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var signals = new SignalSet();
            foreach (var signal in root.GetProperty("signals").EnumerateObject())
            {
                signals.Add(signal.Name, signal.Value.GetDouble());
            }

            return new PageRecord
            {
                Address = root.GetProperty("address").GetString()!,
                Host = root.GetProperty("host").GetString()!,
                FetchedAt = Text("fetched") is { } time
                    ? DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null,
                Archive = root.GetProperty("archive").GetString()!,
                Offset = root.GetProperty("offset").GetInt64(),
                Digest = Text("digest"),
                MediaType = root.GetProperty("media_type").GetString()!,
                Charset = Text("charset"),
                Language = root.GetProperty("language").GetString()!,
                Title = Text("title"),
                OptOuts = Text("opt_outs"),
                Signals = signals,
                Text = root.GetProperty("text").GetString()!,
            };

            string? Text(string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new NoosException(ErrorKind.Damaged, "A page of the corpus is damaged; remove its manifest and clean it again.", e);
        }
    }
}
