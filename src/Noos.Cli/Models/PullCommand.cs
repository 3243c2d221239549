using System.CommandLine;
using System.Diagnostics;
using Noos.Cpus.Library;

namespace Noos.Cli.Models;

/// <summary><c>noos pull OWNER/REPO</c></summary>
static class PullCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "OWNER/REPO of Hugging Face with :QUANTIZATION or :FILE (default: Q4_K_M, else Q8_0, else the only one); or the address of a .gguf file." };
        var endpoint = new Option<string?>("--endpoint") { Description = "A mirror of Hugging Face (default: $HF_ENDPOINT, else https://huggingface.co)." };
        var command = new CommandWithExamples(
            "pull",
            "Get a model from Hugging Face. Stopped or cut off, the same command goes on where it was; $HF_TOKEN opens private repositories.",
            "noos pull Qwen/Qwen3-0.6B-GGUF",
            "noos pull bartowski/Llama-3.2-3B-Instruct-GGUF:Q8_0",
            "noos pull https://example.org/models/some-model.gguf");
        command.Arguments.Add(model);
        command.Options.Add(endpoint);
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = HubOptions.FromEnvironment(parsed.GetValue(endpoint));
            await PullAsync(ModelReference.Parse(parsed.GetRequiredValue(model), options.Endpoint), options, cancellation);
            return 0;
        });
        return command;
    }

    static async Task PullAsync(ModelReference reference, HubOptions options, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var line = new ProgressLine(Console.Error, live: !Console.IsErrorRedirected);
        var rate = new TransferRate(TimeProvider.System);
        using var hub = new ModelHub(options);
        string path;
        try
        {
            path = await hub.PullAsync(reference, ModelLibrary.PullFolder, progress => line.Show(Describe(progress, rate)), cancellation);
        }
        catch (OperationCanceledException)
        {
            line.Close();
            Console.Error.WriteLine("Stopped; the same command goes on where it was.");
            throw;
        }
        finally
        {
            line.Close();
        }

        var stored = ModelLibrary.All().FirstOrDefault(known => known.Path == path);
        Console.WriteLine($"{stored?.Name ?? path} is here ({ByteSize.Format(stored?.Bytes ?? 0)}, {watch.Elapsed.TotalSeconds:N1} s): {path}");
        Console.WriteLine($"Talk to it: noos chat --model {stored?.Name ?? path}");
    }

    static string Describe(DownloadProgress progress, TransferRate rate)
    {
        var name = Path.GetFileName(progress.File);
        if (progress.Note is { } note)
        {
            rate.Reset();
            return $"{name}: {note}";
        }

        rate.Observe(progress.Done);
        var speed = rate.BytesPerSecond;
        var pace = speed > 0 ? $"  {speed / 1e6:N1} MB/s" : "";
        if (progress.Total == 0)
        {
            return $"{ByteSize.Format(progress.Done)}{pace}  {name}";
        }

        var left = speed > 0 ? $"  {TimeSpan.FromSeconds(Math.Min((progress.Total - progress.Done) / speed, 359_999)):hh\\:mm\\:ss} left" : "";
        return $"{100.0 * progress.Done / progress.Total,3:N0}%  {ByteSize.Format(progress.Done)} of {ByteSize.Format(progress.Total)}{pace}{left}  {name}";
    }
}
