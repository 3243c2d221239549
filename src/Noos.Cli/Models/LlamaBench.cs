using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Noos.Inference;
using Noos.Language;

namespace Noos.Cli.Models;

/// <summary>The llama-bench program of llama.cpp, run once for each number.</summary>
/// <param name="path">The program.</param>
/// <param name="keyValues">How it keeps keys and values.</param>
sealed class LlamaBench(string path, KeyValueType keyValues)
{
    /// <summary>Tokens a second of a prompt.</summary>
    public double Prompt(string model, int threads, int tokens) => Run(model, threads, tokens, 0);

    /// <summary>Generated tokens a second.</summary>
    public double Generate(string model, int threads, int tokens) => Run(model, threads, 0, tokens);

    double Run(string model, int threads, int prompt, int generate)
    {
        string[] arguments = ["-m", model, "-t", Text(threads), "-p", Text(prompt), "-n", Text(generate), "-r", "1", "-o", "json", .. Cache()];
        try
        {
            using var process = Process.Start(new ProcessStartInfo(path, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                var last = errors.Result.Trim().Split('\n')[^1];
                throw new NoosException($"'{path}' failed with exit code {process.ExitCode}: {last}");
            }

            using var json = JsonDocument.Parse(output);
            return json.RootElement[0].GetProperty("avg_ts").GetDouble();
        }
        catch (Win32Exception e)
        {
            throw new NoosException($"'{path}' cannot be run ({e.Message}); give the path of a llama-bench program.", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new NoosException($"What '{path}' printed is no result of llama-bench; give the path of a llama-bench program.", e);
        }
    }

    string[] Cache() => keyValues switch
    {
        KeyValueType.F32 => ["-ctk", "f32", "-ctv", "f32"],
        // Quantized values need flash attention there.
        KeyValueType.Q8 => ["-ctk", "q8_0", "-ctv", "q8_0", "-fa", "1"],
        _ => ["-ctk", "f16", "-ctv", "f16"],
    };

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
