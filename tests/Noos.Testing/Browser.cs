using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Noos.Testing;

/// <summary>
/// A headless Chromium with one tab, driven over the DevTools protocol (https://chromedevtools.github.io/devtools-protocol).
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    const string Executable = "/usr/bin/chromium";

    // Far beyond what a loaded machine needs: a page that never gets there must say so, and not hold up all tests.
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    // Between two pages there is none that could say anything, and a page that is being drawn lacks some of its places.
    static readonly string[] s_notYet = ["execution context", "navigated", "of null (reading", "of undefined (reading"];

    readonly Process _process;
    readonly TemporaryFolder _profile;
    readonly ClientWebSocket _socket = new();
    int _lastId;

    Browser(Process process, TemporaryFolder profile) => (_process, _profile) = (process, profile);

    public static bool IsInstalled => File.Exists(Executable);

    /// <summary>Opens a page.</summary>
    /// <param name="page">Its address.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="arguments">More switches of Chromium.</param>
    public static async Task<Browser> StartAsync(Uri page, CancellationToken cancellationToken, params IReadOnlyList<string> arguments)
    {
        var profile = new TemporaryFolder();
        var process = Process.Start(new ProcessStartInfo(Executable,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", $"--user-data-dir={profile.Path}",
            .. arguments, page.AbsoluteUri,
        ])
        { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var browser = new Browser(process, profile);
        try
        {
            // Chromium picks a free port and says on standard error which.
            var announced = "";
            while (!announced.StartsWith("DevTools listening on ", StringComparison.Ordinal))
            {
                announced = await process.StandardError.ReadLineAsync(cancellationToken)
                    ?? throw new InvalidOperationException("Chromium ended before it listened.");
            }

            // Nobody reads on, but a full pipe would stop the browser.
            _ = process.StandardError.ReadToEndAsync(cancellationToken);
            await browser.ConnectAsync(new Uri(announced["DevTools listening on ".Length..]), page, cancellationToken);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonNode?> SendAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        var id = ++_lastId;
        var request = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(request), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        while (true)
        {
            var answer = await ReceiveAsync(cancellationToken);
            // Events of the page come in between; they have no id.
            if (answer["id"]?.GetValue<int>() == id)
            {
                return answer["error"] is { } error ? throw new InvalidOperationException(error.ToJsonString()) : answer["result"];
            }
        }
    }

    /// <summary>Loads the page again and waits for the new one: until then scripts may still meet the old one.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await SendAsync("Page.enable", [], cancellationToken);
        var request = new JsonObject { ["id"] = ++_lastId, ["method"] = "Page.reload" };
        await _socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(request), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        while ((await ReceiveAsync(cancellationToken))["method"]?.GetValue<string>() != "Page.loadEventFired")
        {
        }
    }

    /// <summary>Runs JavaScript in the page; a promise is awaited.</summary>
    public async Task<JsonNode?> EvaluateAsync(string script, CancellationToken cancellationToken)
    {
        var result = await SendAsync(
            "Runtime.evaluate", new() { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true }, cancellationToken);
        return result?["exceptionDetails"] is { } fault
            ? throw new InvalidOperationException(fault.ToJsonString())
            : result?["result"]?["value"];
    }

    /// <summary>Waits until a JavaScript expression is true. One that asks a place which is not there yet is not true yet.</summary>
    /// <exception cref="TimeoutException">It is not after some minutes; the message has what the page shows.</exception>
    public async Task WaitForAsync(string condition, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await IsTrueAsync(condition, cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(started) > s_patience)
            {
                var shown = await EvaluateAsync("location.href + '\\n' + document.body.innerText.slice(0, 2000)", cancellationToken);
                throw new TimeoutException($"The page did not come to: {condition}. It shows {shown}");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    async Task<bool> IsTrueAsync(string condition, CancellationToken cancellationToken)
    {
        try
        {
            return (await EvaluateAsync($"!!({condition})", cancellationToken))!.GetValue<bool>();
        }
        catch (InvalidOperationException e) when (s_notYet.Any(sign => e.Message.Contains(sign, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }
    }

    public Task TypeAsync(string text, CancellationToken cancellationToken) =>
        SendAsync("Input.insertText", new() { ["text"] = text }, cancellationToken);

    public Task PressAsync(string key, int code, CancellationToken cancellationToken) =>
        PressAsync(key, code, KeyModifiers.None, cancellationToken);

    /// <param name="key">What the key does, such as "Enter" or "a".</param>
    /// <param name="code">Its number on Windows.</param>
    /// <param name="modifiers">Keys that are held.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task PressAsync(string key, int code, KeyModifiers modifiers, CancellationToken cancellationToken)
    {
        var text = key == "Enter" && modifiers == KeyModifiers.None ? "\r" : "";
        foreach (var type in (string[])["keyDown", "keyUp"])
        {
            await SendAsync(
                "Input.dispatchKeyEvent",
                new()
                {
                    ["type"] = type,
                    ["key"] = key,
                    ["code"] = key.Length == 1 ? $"Key{key.ToUpperInvariant()}" : key,
                    ["windowsVirtualKeyCode"] = code,
                    ["text"] = type == "keyDown" ? text : "",
                    ["modifiers"] = (int)modifiers,
                },
                cancellationToken);
        }
    }

    public async Task LookAsync(int width, int height, string colorScheme, CancellationToken cancellationToken)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride",
            new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 }, cancellationToken);
        await SendAsync("Emulation.setEmulatedMedia",
            new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = colorScheme }) },
                cancellationToken);
    }

    /// <summary>Keeps a picture where the variable NOOS_SCREENSHOTS names a folder: for the eyes of a developer.</summary>
    public async Task PhotographAsync(string name, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is { Length: > 0 } folder)
        {
            var picture = await SendAsync("Page.captureScreenshot", new() { ["format"] = "png" }, cancellationToken);
            await File.WriteAllBytesAsync(
                Path.Combine(folder, name + ".png"), Convert.FromBase64String(picture!["data"]!.GetValue<string>()), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
        {
            // With its children: the renderers outlive the browser otherwise and keep the profile open.
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _profile.Dispose();
    }

    async Task<JsonNode> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[1 << 16];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        return JsonNode.Parse(message.ToArray())!;
    }

    async Task ConnectAsync(Uri endpoint, Uri page, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        while (true)
        {
            var targets = JsonNode.Parse(
                await http.GetStringAsync(new Uri($"http://{endpoint.Authority}/json/list"), cancellationToken))!.AsArray();
            if (targets.FirstOrDefault(item =>
                item!["type"]!.GetValue<string>() == "page" && item["url"]!.GetValue<string>() == page.AbsoluteUri) is { } tab)
            {
                await _socket.ConnectAsync(new Uri(tab["webSocketDebuggerUrl"]!.GetValue<string>()), cancellationToken);
                return;
            }

            await Task.Delay(50, cancellationToken);
        }
    }
}

/// <summary>Keys that are held while another is pressed (Input.dispatchKeyEvent of the DevTools protocol).</summary>
[Flags]
public enum KeyModifiers
{
    None = 0,
    Alt = 1,
    Ctrl = 2,
    Meta = 4,
    Shift = 8,
}
