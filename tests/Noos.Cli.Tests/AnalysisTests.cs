using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Server;
using Noos.Testing;
using Noos.Tools.Code.Python;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Cli.Tests;

/// <summary>
/// <c>noos ask --file sales.csv "What is the average price per region? Draw it."</c> end to end: the real program, its sandbox and its
/// files; only what the model says is written beforehand, and comes from a server as that of any strong model would.
/// </summary>
public sealed class AnalysisTests : IAsyncDisposable
{
    const string Code = """
        import csv
        from collections import defaultdict
        prices = defaultdict(list)
        for row in csv.DictReader(open("sales.csv")):
            prices[row["Region"]].append(float(row["Price"]))
        means = {region: sum(found) / len(found) for region, found in sorted(prices.items())}
        with open("means.csv", "w") as out:
            out.write("region,mean\n")
            for region, mean in means.items():
                print(f"{region:8}{mean:.3f}", flush=True)
                out.write(f"{region},{mean}\n")
        """;

    const string Chart = "chart({type: 'bar', title: 'Average price', data: readCsv('means.csv'), x: 'region', y: 'mean'})";

    readonly Terminal _terminal = new();
    WebApplication? _server;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _terminal.Dispose();
    }

    [Fact]
    public async Task Question_about_a_table_is_computed_in_the_sandbox_and_drawn()
    {
        await RequirePythonAsync();
        var cpu = new ScriptedCpu(
            [ScriptedCpu.Call("1", "python", JsonSerializer.Serialize(new { code = Code }))],
            [ScriptedCpu.Call("2", "javascript", JsonSerializer.Serialize(new { code = Chart }))],
            [new TextDelta("| region | mean |\n| --- | --- |\n| East | 80 |\n| North | 28.875 |\n| South | 11 |\n\nThe chart shows it.")]);
        var path = Path.Combine(_terminal.Home.CreateFolder("given"), "sales.csv");
        await File.WriteAllTextAsync(path, SampleFiles.Csv, Token);

        var result = await _terminal.RunAsync(
            ["ask", "--model", $"{await StartAsync(cpu)}v1#scripted", "--file", path, "What is the average price per region? Draw it."]);

        Assert.True(result.ExitCode == 0, result.Error);
        // The model has read the file, and what its code has printed.
        Assert.Contains("Region", cpu.Turns[0].Conversation.Messages[^1].Text(), StringComparison.Ordinal);
        Assert.Contains("North   28.875", Read(cpu.Turns[1]), StringComparison.Ordinal);
        Assert.Contains("chart-1.svg", Read(cpu.Turns[2]), StringComparison.Ordinal);
        // The person has the table, and is told where the chart lies.
        Assert.Contains("| North | 28.875 |", result.Output, StringComparison.Ordinal);
        var made = result.Error.Split('\n').Where(line => line.StartsWith("Made ", StringComparison.Ordinal)).Select(line => line[5..])
            .ToArray();
        Assert.Equal(["chart-1.svg", "means.csv"], made.Select(Path.GetFileName));
        var picture = await File.ReadAllTextAsync(made[0], Token);
        Assert.StartsWith("<svg", picture, StringComparison.Ordinal);
        Assert.Contains("North", picture, StringComparison.Ordinal);
    }

    static string Read(Turn turn) => turn.Conversation.Messages[^1].Parts.OfType<ToolResultPart>().Single().Text;

    static async Task RequirePythonAsync()
    {
        var choice = await SandboxChoice.FindAsync(new SandboxOptions(), Token);
        Assert.SkipUnless(choice.Level != SandboxLevel.Interpreter, $"Nothing confines Python here: {string.Join(' ', choice.Refusals)}");
        try
        {
            PythonInterpreter.Find(null);
        }
        catch (Core.NoosException e)
        {
            Assert.Skip(e.Message);
        }
    }

    /// <summary>The endpoint of the strong model.</summary>
    async Task<string> StartAsync(ScriptedCpu cpu)
    {
        _server = ChatServer.Create(new Assistant(cpu, Array.Empty<ITool>()), new ServerOptions { Port = 0 });
        await _server.StartAsync(Token);
        var address = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return address.EndsWith('/') ? address : address + "/";
    }
}
