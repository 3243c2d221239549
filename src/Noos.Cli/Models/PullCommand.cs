using System.CommandLine;
using System.Diagnostics;
using Noos.Cli.Permissions;
using Noos.Cli.Terminal;
using Noos.Core.Settings;
using Noos.Core.Text;
using Noos.Cpus.Hub;
using Noos.Cpus.Library;
using Noos.Peripherals.Ear;

namespace Noos.Cli.Models;

/// <summary><c>noos pull OWNER/REPO</c></summary>
static class PullCommand
{
    public static Command Create(NoosSettings settings, ModelLibrary library)
    {
        var model = new Argument<string>("model")
        {
            Description =
                "OWNER/REPO of Hugging Face with :QUANTIZATION or :FILE (default: Q4_K_M, else Q8_0, else the only one); or the "
                + "address of a .gguf file. Also an ear, ggml-NAME.bin of whisper.cpp, and a voice, NAME.onnx of Piper.",
        };
        var endpoint = new Option<string?>("--endpoint")
        {
            Description = "A mirror of Hugging Face (default: $HF_ENDPOINT, else https://huggingface.co).",
        };
        var privateHosts = new PrivateHostOption("A host off the public internet that the mirror keeps its files on");
        var command = new CommandWithExamples(
            "pull",
            "Get a model from Hugging Face. Stopped or cut off, the same command goes on where it was; $HF_TOKEN opens private "
            + "repositories.",
            "noos pull Qwen/Qwen3-0.6B-GGUF",
            "noos pull bartowski/Llama-3.2-3B-Instruct-GGUF:Q8_0",
            "noos pull https://example.org/models/some-model.gguf",
            "noos pull ggerganov/whisper.cpp:base.en-q5_1",
            "noos pull rhasspy/piper-voices:en_US-joe-medium");
        command.Arguments.Add(model);
        command.Options.Add(endpoint);
        command.Options.Add(privateHosts);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = HubOptions.From(settings, parsed.GetValue(endpoint)) with
            {
                PrivateHosts = parsed.GetValue(privateHosts) ?? [],
            };
            await PullAsync(library, ModelReference.Parse(parsed.GetRequiredValue(model), options.Endpoint), options, cancellationToken);
            return 0;
        });
        return command;
    }

    static async Task PullAsync(ModelLibrary library, ModelReference reference, HubOptions options, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var line = ProgressLine.OnError();
        var rate = new TransferRate(TimeProvider.System);
        var hub = new ModelHub(options);
        string path;
        try
        {
            path = await hub.PullAsync(reference, library.PullFolder, progress => line.Show(Describe(progress, rate)), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            line.Clear();
            Console.Error.WriteLine("Stopped; the same command goes on where it was.");
            throw;
        }
        finally
        {
            line.Clear();
        }

        if (SpeechModelFile.IsName(path) || VoiceModelFile.IsName(path))
        {
            var isEar = SpeechModelFile.IsName(path);
            var device = isEar ? EarLibrary.NameOf(path) : VoiceModelFile.NameOf(path);
            Console.WriteLine(
                $"{device} is here ({ByteSize.Format(new FileInfo(path).Length)}, {watch.Elapsed.TotalSeconds:N1} s): {path}");
            Console.WriteLine(isEar
                ? $"Let it hear: noos transcribe RECORDING --ear {device}"
                : $"Let it speak: noos speak \"Good morning.\" --voice {device}");
            return;
        }

        var stored = library.List().FirstOrDefault(known => known.Path == path);
        Console.WriteLine(
            $"{stored?.Name ?? path} is here ({ByteSize.Format(stored?.Bytes ?? 0)}, {watch.Elapsed.TotalSeconds:N1} s): {path}");
        Console.WriteLine($"Talk to it: noos chat --model {stored?.Name ?? path}");
    }

    static ProgressState Describe(DownloadProgress progress, TransferRate rate)
    {
        var name = Path.GetFileName(progress.File);
        if (progress.Note is { } note)
        {
            // A wait would count as slowness of the network.
            rate.Reset();
            return new ProgressState(0, 0, Text: $"{name}: {note}");
        }

        rate.Observe(progress.Done);
        var speed = rate.BytesPerSecond;
        var isKnown = progress.Total > 0;
        return new ProgressState(
            progress.Done,
            progress.Total,
            isKnown ? $"{ByteSize.Format(progress.Done)} of {ByteSize.Format(progress.Total)}" : ByteSize.Format(progress.Done),
            speed > 0 ? $"{speed / 1e6:N1} MB/s" : null,
            speed > 0 && isKnown ? TimeSpan.FromSeconds((progress.Total - progress.Done) / speed) : null,
            name);
    }
}
