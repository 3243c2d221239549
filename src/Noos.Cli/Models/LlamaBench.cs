using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Noos.Core;
using Noos.Inference.KeyValues;

namespace Noos.Cli.Models;

/// <summary>The measuring programs of llama.cpp, run once for each number.</summary>
sealed class LlamaBench
{
    const string Alone = "llama-bench";
    const string Batched = "llama-batched-bench";

    readonly string _alone;
    readonly string? _batched;
    readonly KeyValueType _keyValues;

    /// <param name="path">
    /// A llama-bench program, or the folder that has it; for conversations at the same time, llama-batched-bench must be beside it.
    /// </param>
    /// <param name="keyValues">How it keeps keys and values.</param>
    public LlamaBench(string path, KeyValueType keyValues)
    {
        _keyValues = keyValues;
        _alone = Directory.Exists(path) ? Path.Combine(path, Alone) : path;
        var beside = Path.Combine(Path.GetDirectoryName(_alone) ?? "", Batched);
        _batched = File.Exists(beside) ? beside : null;
    }

    /// <summary>Whether a path given for the programs of llama.cpp is a folder with the server alone.</summary>
    public static bool IsServerOnly(string path) =>
        Directory.Exists(path) && !File.Exists(Path.Combine(path, Alone)) && LlamaServer.Find(path) is not null;

    /// <summary>The options of all programs of llama.cpp that say how keys and values are kept.</summary>
    public static string[] CacheArguments(KeyValueType keyValues) => keyValues switch
    {
        KeyValueType.F32 => ["-ctk", "f32", "-ctv", "f32"],
        // Quantized values need flash attention there.
        KeyValueType.Q8 => ["-ctk", "q8_0", "-ctv", "q8_0", "-fa", "1"],
        _ => ["-ctk", "f16", "-ctv", "f16"],
    };

    /// <summary>Tokens a second of a prompt.</summary>
    public double Prompt(string model, int threads, int tokens) => Run(model, threads, tokens, 0);

    /// <summary>Generated tokens a second.</summary>
    public double Generate(string model, int threads, int tokens) => Run(model, threads, 0, tokens);

    /// <summary>
    /// Generated tokens a second of conversations with a common beginning, the time to read that included; null
    /// without llama-batched-bench.
    /// </summary>
    public double? Together(string model, int threads, int prompt, int generate, int conversations)
    {
        if (_batched is null)
        {
            return null;
        }

        // One store of keys and values for all (-kvu) is the faster of its two ways here: common tokens are kept once.
        var room = prompt + (conversations * generate);
        string[] arguments =
        [
            "-m", model, "-t", Text(threads), "-tb", Text(threads), "-c", Text(room), "-kvu", "-pps", "-npp", Text(prompt), "-ntg",
            Text(generate), "-npl", Text(conversations), "--output-format", "jsonl", .. CacheArguments(_keyValues),
        ];
        return Read(_batched, arguments, output =>
        {
            var line = Array.Find(output.Split('\n'), line => line.StartsWith('{')) ?? "";
            using var json = JsonDocument.Parse(line);
            var (prompts, answers) = (json.RootElement.GetProperty("t_pp").GetDouble(), json.RootElement.GetProperty("t_tg").GetDouble());
            return conversations * generate / (prompts + answers);
        });
    }

    double Run(string model, int threads, int prompt, int generate) => Read(
        _alone,
        [
            "-m", model, "-t", Text(threads), "-p", Text(prompt), "-n", Text(generate), "-r", "1", "-o", "json",
            .. CacheArguments(_keyValues),
        ],
        output =>
        {
            using var json = JsonDocument.Parse(output);
            return json.RootElement[0].GetProperty("avg_ts").GetDouble();
        });

    static double Read(string program, string[] arguments, Func<string, double> read)
    {
        var name = Path.GetFileName(program);
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            // Read at the same time: a program whose standard error is full waits, and would never end its output.
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                var last = errors.Result.Trim().Split('\n')[^1];
                throw new NoosException(ErrorKind.Unavailable, $"'{program}' failed with exit code {process.ExitCode}: {last}");
            }

            return read(output);
        }
        catch (Win32Exception e)
        {
            throw new NoosException(
                ErrorKind.NotFound, $"'{program}' cannot be run ({e.Message}); give the path of a llama-bench program.", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"What '{program}' printed is no result of {name}; give the path of a llama-bench program.", e);
        }
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
