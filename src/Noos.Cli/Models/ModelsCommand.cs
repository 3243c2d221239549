using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Text;
using Noos.Cpus.Library;
using Noos.Inference.Encoders;
using Noos.Language.Gguf;
using Noos.Language.Models;

namespace Noos.Cli.Models;

/// <summary><c>noos models</c></summary>
static class ModelsCommand
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create(ModelLibrary library)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON instead of text." };
        var command = new CommandWithExamples(
            "models",
            "List the models on this machine: those of Noos, pulled ones, and those of Ollama. Each name works with --model.",
            "noos models",
            "noos models --json");
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            Row[] rows = [.. library.List().Select(Row.Read)];
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(rows, s_json));
            }
            else
            {
                Write(rows, Console.Out);
            }
        });
        return command;
    }

    static void Write(Row[] rows, TextWriter output)
    {
        if (rows.Length == 0)
        {
            output.WriteLine("There are no models here yet; get one with 'noos pull OWNER/REPO'.");
        }

        var width = rows.Select(row => row.Name.Length).DefaultIfEmpty().Max();
        foreach (var folder in rows.GroupBy(row => (row.Folder, row.Origin)))
        {
            output.WriteLine($"{Title(folder.Key.Origin)}{folder.Key.Folder}");
            foreach (var row in folder)
            {
                var kind = row.IsEncoder ? "  encoder: makes vectors, does not chat"
                    : row.IsBase ? "  base: continues texts, does not chat"
                    : "";
                var what = row.Whole
                    ? $"{row.Architecture ?? "unreadable",-12} {row.Quantization}{kind}"
                    : $"not wholly here; go on with 'noos pull {row.Name}'";
                output.WriteLine($"  {row.Name.PadRight(width)}  {ByteSize.Format(row.Bytes),12}  {what}".TrimEnd());
            }
        }
    }

    static string Title(ModelOrigin origin) => origin switch
    {
        ModelOrigin.Pulled => "Pulled into ",
        ModelOrigin.Ollama => "Of Ollama in ",
        _ => "In ",
    };

    sealed record Row(
        string Name, string Path, ModelOrigin Origin, string Folder, long Bytes, bool Whole, bool IsBase, string? Architecture,
        string? Quantization)
    {
        public bool IsEncoder => EncoderModel.IsEncoder(Architecture);

        public static Row Read(StoredModel model)
        {
            var row = new Row(model.Name, model.Path, model.Origin, model.Folder, model.Bytes, model.IsWhole, model.IsBase, null, null);
            if (!model.IsWhole)
            {
                return row;
            }

            try
            {
                using var file = GgufFile.Open(model.Path);
                return row with
                {
                    Architecture = file.GetString("general.architecture"),
                    Quantization = file.GetInteger("general.file_type") is { } type ? QuantizationMix.NameOf(type) : MostCommon(file),
                };
            }
            catch (NoosException)
            {
                // The list tells what is there; 'inspect' says what is wrong with it.
                return row;
            }
        }

        /// <summary>The tensor type with most bytes, for files that do not say.</summary>
        static string? MostCommon(GgufFile file) =>
            file.Tensors.GroupBy(tensor => tensor.Type)
                .MaxBy(group => group.Sum(tensor => tensor.ByteLength))?.Key.ToString()
                .ToLowerInvariant();
    }
}
