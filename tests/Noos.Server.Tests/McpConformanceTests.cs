using System.Diagnostics;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>
/// The official conformance suite against <c>/mcp</c>. It runs where the variable NOOS_MCP_CONFORMANCE names a folder in which
/// 'npm install node@22 @modelcontextprotocol/conformance@0.1.16' was run; docs/mcp.md says what does not apply, and why.
/// </summary>
public sealed class McpConformanceTests
{
    const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
    const string Sound = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

    static readonly string? s_folder = Environment.GetEnvironmentVariable("NOOS_MCP_CONFORMANCE");

    [Theory]
    [InlineData("server-initialize")]
    [InlineData("ping")]
    [InlineData("tools-list")]
    [InlineData("tools-call-simple-text")]
    [InlineData("tools-call-image")]
    [InlineData("tools-call-audio")]
    [InlineData("tools-call-embedded-resource")]
    [InlineData("tools-call-mixed-content")]
    [InlineData("tools-call-error")]
    [InlineData("json-schema-2020-12")]
    [InlineData("server-sse-multiple-streams")]
    [InlineData("dns-rebinding-protection")]
    public async Task Scenario_passes(string scenario)
    {
        Assert.SkipWhen(s_folder is null, "The conformance suite is not here.");
        await using var home = await RunningHome.StartAsync(new ObedientCpu(), tools: Fixtures());
        var suite = Path.Combine(s_folder!, "node_modules");
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(suite, ".bin", "node"),
            [
                Path.Combine(suite, "@modelcontextprotocol", "conformance", "dist", "index.js"), "server", "--url",
                new Uri(home.Http.BaseAddress!, "mcp").AbsoluteUri, "--scenario", scenario,
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await output + await error);
    }

    /// <summary>The tools that the suite asks for.</summary>
    static IEnumerable<ITool> Fixtures()
    {
        yield return Tool("test_simple_text", new TextPart("This is a simple text response for testing."));
        yield return Tool("test_image_content", new ImagePart($"data:image/png;base64,{Pixel}", "image/png"));
        yield return Tool("test_audio_content", new AudioPart($"data:audio/wav;base64,{Sound}", "audio/wav"));
        yield return Tool("test_embedded_resource", File("test://embedded-resource", "This is an embedded resource content."));
        yield return Tool(
            "test_multiple_content_types", new TextPart("Multiple content types test:"),
            new ImagePart($"data:image/png;base64,{Pixel}", "image/png"), File("test://mixed-content-resource", """{"test": "data"}"""));
        yield return new ScriptedTool(
            "test_error_handling",
            (_, _) => throw new ToolException("This tool intentionally returns an error for testing"));
        yield return new ScriptedTool("json_schema_2020_12_tool", _ => "ok", """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "type": "object",
              "$defs": {"address": {"type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
              "properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"}},
              "additionalProperties": false
            }
            """);
    }

    static FilePart File(string uri, string text) => new(uri, uri, "text/plain", text);

    static ScriptedTool Tool(string name, params Part[] parts) =>
        new(name, (_, _) => ValueTask.FromResult(new ToolResult(parts)));
}
