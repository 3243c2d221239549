using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Noos.Testing;

/// <summary>A headless Chromium with one tab, driven over the DevTools protocol (https://chromedevtools.github.io/devtools-protocol).</summary>
public sealed class Browser : IAsyncDisposable
{
    const string Executable = "/usr/bin/chromium";

    readonly Process _process;
    readonly DirectoryInfo _profile;
    readonly ClientWebSocket _socket = new();
    int _lastId;

    Browser(Process process, DirectoryInfo profile) => (_process, _profile) = (process, profile);

    public static bool IsInstalled => File.Exists(Executable);

    public static async Task<Browser> StartAsync(Uri page, CancellationToken token)
    {
        var profile = Directory.CreateTempSubdirectory("noos-browser-");
        var process = Process.Start(new ProcessStartInfo(Executable,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", page.AbsoluteUri,
        ])
        { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var browser = new Browser(process, profile);
        try
        {
            var announced = "";
            while (!announced.StartsWith("DevTools listening on ", StringComparison.Ordinal))
            {
                announced = await process.StandardError.ReadLineAsync(token) ?? throw new InvalidOperationException("Chromium ended before it listened.");
            }

            _ = process.StandardError.ReadToEndAsync(token);
            await browser.ConnectAsync(new Uri(announced["DevTools listening on ".Length..]), page, token);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public async Task<JsonNode?> SendAsync(string method, JsonObject parameters, CancellationToken token)
    {
        var id = ++_lastId;
        var request = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(request), WebSocketMessageType.Text, endOfMessage: true, token);
        while (true)
        {
            var answer = await ReceiveAsync(token);
            if (answer["id"]?.GetValue<int>() == id)
            {
                return answer["error"] is { } error ? throw new InvalidOperationException(error.ToJsonString()) : answer["result"];
            }
        }
    }

    /// <summary>Loads the page again and waits for the new one: until then scripts may still meet the old one.</summary>
    public async Task ReloadAsync(CancellationToken token)
    {
        await SendAsync("Page.enable", [], token);
        var request = new JsonObject { ["id"] = ++_lastId, ["method"] = "Page.reload" };
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(request), WebSocketMessageType.Text, endOfMessage: true, token);
        while ((await ReceiveAsync(token))["method"]?.GetValue<string>() != "Page.loadEventFired")
        {
        }
    }

    /// <summary>Runs JavaScript in the page; a promise is awaited.</summary>
    public async Task<JsonNode?> EvaluateAsync(string script, CancellationToken token)
    {
        var result = await SendAsync("Runtime.evaluate", new() { ["expression"] = script, ["awaitPromise"] = true, ["returnByValue"] = true }, token);
        return result?["exceptionDetails"] is { } fault ? throw new InvalidOperationException(fault.ToJsonString()) : result?["result"]?["value"];
    }

    /// <summary>Waits until a JavaScript expression is true.</summary>
    public async Task WaitForAsync(string condition, CancellationToken token)
    {
        while (!(await EvaluateAsync($"!!({condition})", token))!.GetValue<bool>())
        {
            await Task.Delay(20, token);
        }
    }

    public Task TypeAsync(string text, CancellationToken token) => SendAsync("Input.insertText", new() { ["text"] = text }, token);

    public async Task PressAsync(string key, int code, CancellationToken token)
    {
        var text = key == "Enter" ? "\r" : "";
        await SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyDown", ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code, ["text"] = text }, token);
        await SendAsync("Input.dispatchKeyEvent", new() { ["type"] = "keyUp", ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code }, token);
    }

    public async Task LookAsync(int width, int height, string colorScheme, CancellationToken token)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 }, token);
        await SendAsync("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = colorScheme }) }, token);
    }

    /// <summary>Keeps a picture where the variable NOOS_SCREENSHOTS names a folder: for the eyes of a developer.</summary>
    public async Task PhotographAsync(string name, CancellationToken token)
    {
        if (Environment.GetEnvironmentVariable("NOOS_SCREENSHOTS") is { Length: > 0 } folder)
        {
            var picture = await SendAsync("Page.captureScreenshot", new() { ["format"] = "png" }, token);
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), Convert.FromBase64String(picture!["data"]!.GetValue<string>()), token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A straggling child process may still write to its cache; the folder is temporary anyway.
        }
    }

    async Task<JsonNode> ReceiveAsync(CancellationToken token)
    {
        using var message = new MemoryStream();
        var buffer = new byte[1 << 16];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer.AsMemory(), token);
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        return JsonNode.Parse(message.ToArray())!;
    }

    async Task ConnectAsync(Uri endpoint, Uri page, CancellationToken token)
    {
        using var http = new HttpClient();
        while (true)
        {
            var targets = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://{endpoint.Authority}/json/list"), token))!.AsArray();
            if (targets.FirstOrDefault(item => item!["type"]!.GetValue<string>() == "page" && item["url"]!.GetValue<string>() == page.AbsoluteUri) is { } tab)
            {
                await _socket.ConnectAsync(new Uri(tab["webSocketDebuggerUrl"]!.GetValue<string>()), token);
                return;
            }

            await Task.Delay(50, token);
        }
    }
}
