using System.Buffers;
using System.Text;
using System.Text.Json;
using Noos.Core;
using Noos.Corpus.Batches;
using Noos.Corpus.Cleaning.Policies;

namespace Noos.Corpus.Cleaning.Reports;

/// <summary>
/// One HTML file about a corpus, complete in itself: the numbers, samples of what is kept and dropped, and a small script that shows what
/// moves when a bound is moved. Everything that comes from pages is data in it, never markup.
/// </summary>
public static class CorpusReport
{
    const string Place = "\"DATA\"";

    static readonly string[] s_stages =
    [
        CleanStages.Extract, CleanStages.Match, CleanStages.Judge, CleanStages.Cluster, CleanStages.Tally, CleanStages.Summary,
    ];

    /// <summary>The report as UTF-8.</summary>
    /// <exception cref="NoosException">The corpus is not finished.</exception>
    public static byte[] Render(CorpusFolder folder, CorpusReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        options ??= new CorpusReportOptions();
        var data = new ArrayBufferWriter<byte>();
        // The encoder of the writer escapes < and > and &, so that no text of a page can end the element that holds the data.
        using (var json = new Utf8JsonWriter(data))
        {
            json.WriteStartObject();
            json.WriteString("name", Path.GetFileName(folder.Root));
            json.WriteNumber("price", options.PricePerCoreHour);
            json.WriteString("currency", options.Currency);
            json.WriteStartObject("fixed");
            json.WriteString(CleanPolicy.Withdrawn, "Its site asked for it after it was fetched.");
            json.WriteString(CleanPolicy.Superseded, "The same address was fetched again later.");
            json.WriteString(CleanPolicy.OtherLanguage, "It is in none of the languages that are wanted.");
            json.WriteString(CleanPolicy.Duplicate, "The same text is kept from another address.");
            json.WriteString(CleanPolicy.NearDuplicate, "Nearly the same text is kept from another address.");
            json.WriteEndObject();
            WriteStages(json, folder);
            json.WritePropertyName("policies");
            json.WriteRawValue(PolicyFile.ToJson(PolicyFile.Read(folder.Policies)));
            json.WritePropertyName("tally");
            json.WriteRawValue(CorpusTally.Read(folder.Summary).ToJson());
            json.WriteEndObject();
        }

        using var stream = typeof(CorpusReport).Assembly.GetManifestResourceStream("Noos.Corpus.Cleaning.report.html")!;
        using var reader = new StreamReader(stream);
        var html = reader.ReadToEnd();
        return Encoding.UTF8.GetBytes(html.Replace(Place, Encoding.UTF8.GetString(data.WrittenSpan), StringComparison.Ordinal));
    }

    static void WriteStages(Utf8JsonWriter json, CorpusFolder folder)
    {
        var work = new WorkFolder(folder.Root, new WorkOptions(), TimeProvider.System);
        json.WriteStartArray("stages");
        foreach (var stage in s_stages)
        {
            var (units, seconds, bytes) = (0, 0.0, 0L);
            for (; work.FindManifest(stage, units) is { } manifest; units++)
            {
                seconds += manifest.Seconds;
                bytes += manifest.Outputs.Sum(output => output.Bytes);
            }

            json.WriteStartObject();
            json.WriteString("name", stage);
            json.WriteNumber("units", units);
            json.WriteNumber("seconds", Math.Round(seconds, 3));
            json.WriteNumber("bytes", bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
