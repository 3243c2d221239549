using System.Collections.Concurrent;
using System.Diagnostics;
using Noos.Testing;

namespace Noos.Cli.Tests;

/// <summary>Runs the real program as a shell would, with a tiny model and an empty home.</summary>
public sealed class Terminal : IDisposable
{
    readonly TinyModel _model = new();
    readonly ConcurrentBag<Process> _started = [];

    public TemporaryFolder Home { get; } = new();

    internal string ModelPath => _model.Path;

    /// <summary>Variables of the programs that are started from now on.</summary>
    internal Dictionary<string, string> Variables { get; } = [];

    /// <summary>Runs a command to its end.</summary>
    internal async Task<Result> RunAsync(string[] arguments, string input = "")
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Result(process.ExitCode, await output, await error);
    }

    internal Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "noos.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NOOS_HOME"] = Home.Path;
        start.Environment["NOOS_MODEL"] = _model.Path;
        start.Environment["OLLAMA_MODELS"] = Home.File("ollama");
        start.Environment.Remove("HF_TOKEN");
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }

    /// <summary>Starts a server of the home and waits until commands find it; how many lines it greets with does not matter.</summary>
    internal async Task<Process> UpAsync(params string[] options)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var address = Home.File("server.json");
        File.Delete(address);
        var server = Start(["up", "--port", "0", .. options]);
        Assert.Contains(" is up: ", await server.StandardOutput.ReadLineAsync(cancellationToken), StringComparison.Ordinal);
        while (!File.Exists(address))
        {
            Assert.False(server.HasExited);
            await Task.Delay(20, cancellationToken);
        }

        return server;
    }

    public void Dispose()
    {
        // A server of a test that failed would run on.
        foreach (var process in _started)
        {
            EndIfRunning(process);
        }

        _model.Dispose();
        Home.Dispose();
    }

    static void EndIfRunning(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Disposed by its test, or over.
        }
    }

    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>
        /// Whether the exit code says that the user can set it right: wrong use, a damaged or missing file, something not allowed.
        /// </summary>
        public bool IsMistake => ExitCode is 1 or 65 or 66 or 77;
    }
}
