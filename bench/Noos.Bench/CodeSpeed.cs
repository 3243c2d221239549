using System.Diagnostics;
using System.Globalization;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Tools.Code;
using Noos.Tools.Code.JavaScript;
using Noos.Tools.Code.Python;
using Noos.Tools.Code.Sandboxing;

namespace Noos.Bench;

/// <summary>
/// How long a call of the code tools takes, cold (the sandbox is started for it) and warm (the session is there), at every level that this
/// machine has.
/// </summary>
static class CodeSpeed
{
    public static async Task RunAsync(int rounds)
    {
        Console.WriteLine("| language | level | cold ms, median (max) | warm ms, median (max) |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var level in (SandboxLevel[])[SandboxLevel.Bubblewrap, SandboxLevel.Landlock])
        {
            var options = new CodeOptions { Sandbox = new SandboxOptions { StrongestLevel = level } };
            var runtime = new CodeRuntime(options);
            var choice = await runtime.FindSandboxAsync();
            if (choice.Level == level)
            {
                await MeasureAsync($"Python | {level}", () => new PythonTool(new CodeRuntime(options)), "x = 41; x + 1", rounds);
            }
            else
            {
                Console.WriteLine($"| Python | {level} | {string.Join(' ', choice.Refusals)} | |");
            }
        }

        await MeasureAsync("JavaScript | interpreter", () => new JavaScriptTool(new CodeRuntime()), "var x = 41; x + 1", rounds);
    }

    // The tool is new for every cold call, so finding the sandbox counts as well.
    static async Task MeasureAsync(string name, Func<CodeTool> create, string code, int rounds)
    {
        var (cold, warm) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            await using var tool = create();
            using var context = new BenchContext();
            cold.Add(await TimeAsync(tool, context, code));
            for (var i = 0; i < 10; i++)
            {
                warm.Add(await TimeAsync(tool, context, code));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {name} | {Median(cold):0.0} ({cold.Max():0.0}) | {Median(warm):0.00} ({warm.Max():0.0}) |"));
    }

    static async Task<double> TimeAsync(CodeTool tool, BenchContext context, string code)
    {
        var call = CreateCall(tool.Declaration.Name, code);
        var started = Stopwatch.GetTimestamp();
        var result = await tool.InvokeAsync(call, context, CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return result.Parts is [TextPart { Text: "42" }]
            ? elapsed
            : throw new InvalidOperationException($"{tool.Declaration.Name} answered {string.Concat(result.Parts)}");
    }

    static ToolCallPart CreateCall(string name, string code) =>
        new(name, System.Text.Json.JsonElement.Parse($$"""{"code": "{{code}}"}"""));

    static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    sealed class BenchContext : IToolContext, IDisposable
    {
        public string ProcessId { get; } = Guid.NewGuid().ToString("N");

        public TimeProvider TimeProvider => TimeProvider.System;

        public HttpClient Http => throw new NotSupportedException();

        public string? Folder { get; } = Directory.CreateTempSubdirectory("noos-bench-").FullName;

        public Origin? Taint => null;

        public void Dispose() => Directory.Delete(Folder!, recursive: true);
    }
}
