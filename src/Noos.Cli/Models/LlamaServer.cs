using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Noos.Core;
using Noos.Core.Network;
using Noos.Inference.KeyValues;

namespace Noos.Cli.Models;

/// <summary>
/// llama.cpp's server, which unlike its measuring programs draws tokens: started on a port of this machine, and stopped at the end.
/// </summary>
sealed class LlamaServer : IDisposable
{
    const string Name = "llama-server";

    // Positions that it may take beyond the tokens that are asked for.
    const int SpareContext = 64;

    static readonly TimeSpan s_startTime = TimeSpan.FromMinutes(2);

    readonly Process _process;
    readonly EgressGuard _egress;
    readonly HttpClient _http;
    string _lastLine = "";

    LlamaServer(Process process, int port)
    {
        _process = process;
        var address = new Uri($"http://127.0.0.1:{port}/");
        _egress = new EgressGuard(EgressOptions.ForService(address));
        _http = _egress.CreateClient();
        _http.BaseAddress = address;
        Client = new LlamaServerClient(_http);
        // Read, or the server would wait for room.
        process.OutputDataReceived += (_, line) => Remember(line.Data);
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public LlamaServerClient Client { get; }

    /// <summary>The program in or beside a path that was given for llama-bench; null where it is not there.</summary>
    public static string? Find(string path)
    {
        var file = Path.Combine(Directory.Exists(path) ? path : Path.GetDirectoryName(path) ?? "", Name);
        return File.Exists(file) ? file : null;
    }

    /// <summary>Starts a server and waits until it has loaded the model.</summary>
    /// <param name="program">The program.</param>
    /// <param name="model">The file.</param>
    /// <param name="threads">Threads of both prompts and answers.</param>
    /// <param name="streams">Answers at the same time, at most.</param>
    /// <param name="tokens">Tokens of each question with its answer, at most.</param>
    /// <param name="keyValues">How it keeps keys and values.</param>
    /// <exception cref="NoosException">It cannot be run, or ends.</exception>
    public static LlamaServer Start(
        string program, string model, int threads, int streams, int tokens, KeyValueType keyValues, CancellationToken cancellationToken)
    {
        var port = FreePort();
        string[] arguments =
        [
            "-m", model, "--host", "127.0.0.1", "--port", Text(port), "-t", Text(threads), "-tb", Text(threads), "-np", Text(streams),
            "-c", Text(streams * (tokens + SpareContext)), .. LlamaBench.CacheArguments(keyValues),
        ];
        try
        {
            var process = Process.Start(
                new ProcessStartInfo(program, arguments)
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            var server = new LlamaServer(process, port);
            try
            {
                server.WaitAsync(program, cancellationToken).GetAwaiter().GetResult();
                return server;
            }
            catch
            {
                server.Dispose();
                throw;
            }
        }
        catch (Win32Exception e)
        {
            throw new NoosException(ErrorKind.NotFound, $"'{program}' cannot be run ({e.Message}); give the folder of llama-server.", e);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _egress.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    async Task WaitAsync(string program, CancellationToken cancellationToken)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < s_startTime;)
        {
            if (_process.HasExited)
            {
                // Until its last line is read too.
                await _process.WaitForExitAsync(cancellationToken);
                throw new NoosException(
                    ErrorKind.Unavailable, $"'{program}' failed with exit code {_process.ExitCode}: {_lastLine}");
            }

            if (await Client.IsReadyAsync(cancellationToken))
            {
                return;
            }

            await Task.Delay(100, cancellationToken);
        }

        throw new NoosException(ErrorKind.Unavailable, $"'{program}' did not load the model within {s_startTime.TotalMinutes:N0} minutes.");
    }

    void Remember(string? line) => _lastLine = string.IsNullOrWhiteSpace(line) ? _lastLine : line.Trim();

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
