using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Core.Text;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Inference.Encoders;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Peripherals.Ear;
using Noos.Peripherals.Voice;

namespace Noos.Cli.Models;

/// <summary><c>noos models</c></summary>
static class ModelsCommand
{
    const string Ear = "ear";
    const string Voice = "voice";

    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static Command Create(NoosSettings settings, ModelLibrary library)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON instead of text." };
        var command = new CommandWithExamples(
            "models",
            "List the models on this machine: those of Noos, pulled ones, and those of Ollama, each name works with --model; and the ears "
            + "and voices.",
            "noos models",
            "noos models --json");
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            Row[] rows = [.. library.List().Select(Row.Read), .. Devices(settings, library)];
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
                var kind = row.Device is { } device ? $"{device}: {(device == Ear ? "noos transcribe --ear" : "noos speak --voice")}"
                    : row.IsEncoder ? "  encoder: makes vectors, does not chat"
                    : row.IsBase ? "  base: continues texts, does not chat"
                    : "";
                var what = row.Whole
                    ? row.Device is null ? $"{row.Architecture ?? "unreadable",-12} {row.Quantization}{kind}" : kind
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

    /// <summary>Ears and voices: those that were pulled, whole or not, and those that lie in the user's folders.</summary>
    static IEnumerable<Row> Devices(NoosSettings settings, ModelLibrary library)
    {
        var pulled = library.ListPulledDevices();
        using var voices = VoiceLibrary.From(settings);
        var others = new EarLibrary(ModelLibraryOptions.From(settings).Folders).List()
            .Select(path => (Path: path, Name: EarLibrary.NameOf(path), Kind: Ear))
            .Concat(voices.ListFiles().Select(path => (Path: path, Name: VoiceLibrary.NameOf(path), Kind: Voice)))
            .Where(device => !pulled.Any(model => model.Path == device.Path));
        return pulled.Select(model => Row.Of(model, SpeechModelFile.IsName(model.Path) ? Ear : Voice))
            .Concat(others.Select(device => new Row(
                device.Name, device.Path, ModelOrigin.Folder, Path.GetDirectoryName(device.Path)!, new FileInfo(device.Path).Length, true,
                false, null, null, device.Kind)));
    }

    sealed record Row(
        string Name, string Path, ModelOrigin Origin, string Folder, long Bytes, bool Whole, bool IsBase, string? Architecture,
        string? Quantization, string? Device = null)
    {
        public bool IsEncoder => EncoderModel.IsEncoder(Architecture);

        public static Row Of(StoredModel model, string? device = null) => new(
            model.Name, model.Path, model.Origin, model.Folder, model.Bytes, model.IsWhole, device is null && model.IsBase, null, null,
            device);

        public static Row Read(StoredModel model)
        {
            var row = Of(model);
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
