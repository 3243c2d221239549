using System.Diagnostics;

namespace Noos.Cli.Tests;

/// <summary>
/// The client scenarios of the official conformance suite, played to 'noos mcp test'. They run where the variable NOOS_MCP_CONFORMANCE
/// names a folder in which 'npm install node@22 @modelcontextprotocol/conformance@0.1.16' was run; docs/mcp.md says what does not apply.
/// </summary>
public sealed class McpConformanceTests
{
    static readonly string? s_folder = Environment.GetEnvironmentVariable("NOOS_MCP_CONFORMANCE");

    [Theory]
    [InlineData("initialize")]
    [InlineData("tools_call")]
    [InlineData("sse-retry")]
    [InlineData("auth/metadata-default")]
    [InlineData("auth/metadata-var1")]
    [InlineData("auth/metadata-var2")]
    [InlineData("auth/metadata-var3")]
    [InlineData("auth/scope-from-www-authenticate")]
    [InlineData("auth/scope-from-scopes-supported")]
    [InlineData("auth/scope-omitted-when-undefined")]
    [InlineData("auth/scope-step-up")]
    [InlineData("auth/scope-retry-limit")]
    [InlineData("auth/token-endpoint-auth-basic")]
    [InlineData("auth/token-endpoint-auth-post")]
    [InlineData("auth/token-endpoint-auth-none")]
    [InlineData("auth/pre-registration")]
    public async Task Scenario_passes(string scenario)
    {
        Assert.SkipWhen(s_folder is null, "The conformance suite is not here.");
        var suite = Path.Combine(s_folder!, "node_modules");
        var start = new ProcessStartInfo(
            Path.Combine(suite, ".bin", "node"),
            [
                Path.Combine(suite, "@modelcontextprotocol", "conformance", "dist", "index.js"), "client", "--command",
                $"sh {Path.Combine(AppContext.BaseDirectory, "mcp-conformance-client.sh")}", "--scenario", scenario,
            ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NOOS_CONFORMANCE_PROGRAM"] = Path.Combine(AppContext.BaseDirectory, "noos.dll");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await output + await error);
    }
}
