using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Cpus.Local;
using Noos.Inference;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Cpus.Tests.Local;

/// <summary>Keys and values of idle processes between memory and disk, with a real engine and a real journal.</summary>
public sealed class ProcessSwapTests : IDisposable
{
    // Room for some forty pages of 32 tokens: two blocks of one head of 16 in f16.
    const long Allowance = 40 * 32 * 2 * 2 * 16 * 2;

    readonly TemporaryFolder _home = new();
    readonly TinyModel _model = new(1024);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string SwapFolder => Path.Combine(_home.Path, "swap");

    public void Dispose()
    {
        _model.Dispose();
        _home.Dispose();
    }

    [Fact]
    public async Task Idle_processes_are_swapped_when_memory_is_short_and_go_on_as_if_they_had_stayed()
    {
        var expected = await ContinuationsAsync(_home.File("never-swapped"), swap: null, allowance: 1 << 24, isSwapped: false);
        var actual = await ContinuationsAsync(_home.Path, Eager, Allowance, isSwapped: true);

        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(6, expected.Tokens.Count);

        // Read were only question and layout; without the file it would be all of it.
        Assert.All(actual.Read, read => Assert.InRange(read, 1, 120));
    }

    [Fact]
    public async Task Account_says_what_each_process_holds_and_shared_pages_once()
    {
        await using var system = new SwapSystem(_home.Path, Open(1 << 24), swap: null);
        var program = new ProcessProgram { Instructions = string.Join(' ', Enumerable.Repeat("You tell stories.", 20)), Tools = [] };
        var (one, two) = (await system.SpawnAsync(program), await system.SpawnAsync(program));
        await system.AskAsync(one, "Tell me of a fox.");
        await system.AskAsync(two, "Who are you?");

        var memory = system.Table.Memory();

        Assert.Equal([one, two], memory.Select(held => held.Process));
        Assert.All(memory, held =>
        {
            Assert.Equal("Tiny", held.Model);
            Assert.InRange(held.SharedPages, 1, held.Pages - 1);
            Assert.InRange(held.Tokens, (32 * (held.Pages - 1)) + 1, 32 * held.Pages);
            Assert.True(held.Bytes > 0 && held.DiskBytes == 0 && !held.IsRunning);
        });
        var cache = system.Cpu.Cache!;
        Assert.Equal(memory[0].SharedPages, memory[1].SharedPages);
        Assert.Equal(cache.Tokens, memory.Sum(held => held.Tokens) - (32 * memory[0].SharedPages));

        await system.Table.KillAsync(one);
        Assert.Equal([two], system.Table.Memory().Select(held => held.Process));
    }

    [Fact]
    public async Task Swapped_process_is_shown_so_also_after_a_restart_and_its_file_goes_with_it()
    {
        long process;
        await using (var system = new SwapSystem(_home.Path, Open(Allowance), Eager))
        {
            process = await system.FillAsync();
            Assert.Equal(ProcessState.Swapped, system.Table.Get(process).State);
            Assert.Equal(ProcessState.Swapped, system.Table.List().Single(record => record.Id == process).State);
            Assert.True(system.Table.Memory().Single(held => held.Process == process).DiskBytes > 0);
            Assert.True(system.Table.SwapBytes > 0);
        }

        await using var again = new SwapSystem(_home.Path, Open(Allowance), Eager);
        Assert.Equal(ProcessState.Swapped, again.Table.Get(process).State);
        var read = await again.AskAsync(process, "Go on.");
        Assert.InRange(read, 1, 120);
        Assert.Equal(ProcessState.WaitingForPerson, again.Table.Get(process).State);
        Assert.False(File.Exists(Path.Combine(SwapFolder, $"{process}.kv")));
    }

    [Fact]
    public async Task What_is_on_the_disk_is_for_its_user_alone()
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var home = _home.File("new/home");
        await using var system = new SwapSystem(home, Open(Allowance), Eager);
        var process = await system.FillAsync();

        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows gives homes to their users by itself.");
        }
        else
        {
            Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(home));
            Assert.Equal(Own, File.GetUnixFileMode(Path.Combine(home, "swap", $"{process}.kv")));
            foreach (var file in Directory.EnumerateFiles(home, $"{Journal.FileName}*"))
            {
                Assert.Equal(Own, File.GetUnixFileMode(file));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Damaged_or_foreign_file_is_read_again_from_the_text_with_a_line_in_the_log(bool isForeign)
    {
        var lines = new Lines();
        await using var system = new SwapSystem(_home.Path, Open(Allowance), Eager, lines);
        var process = await system.FillAsync();
        var file = Path.Combine(SwapFolder, $"{process}.kv");
        var bytes = await File.ReadAllBytesAsync(file, Token);

        // The fingerprint of the model stands at the beginning; elsewhere are keys, values and their checksum.
        bytes[isForeign ? 10 : bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Token);

        var read = await system.AskAsync(process, "Go on.");

        Assert.True(read > 200);
        Assert.Equal(Role.Assistant, system.Table.ReadHistory(process).Messages[^1].Role);
        Assert.Contains(lines.All, line => line.StartsWith($"What process {process} had read is read again: ", StringComparison.Ordinal));
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Disk_is_bounded_and_what_was_moved_longest_ago_is_deleted()
    {
        await using var system = new SwapSystem(_home.Path, Open(Allowance), Eager with { MaxBytes = 200_000 });
        for (var process = 0; process < 4; process++)
        {
            await system.FillAsync();
        }

        Assert.InRange(system.Table.SwapBytes, 1, 200_000);
        Assert.Equal(system.Table.SwapBytes, new DirectoryInfo(SwapFolder).EnumerateFiles("*.kv").Sum(file => file.Length));
    }

    [Fact]
    public async Task Deleted_process_leaves_nothing_on_the_disk()
    {
        await using var system = new SwapSystem(_home.Path, Open(Allowance), Eager);
        var process = await system.FillAsync();

        await system.Table.DeleteAsync(process, Token);

        Assert.False(File.Exists(Path.Combine(SwapFolder, $"{process}.kv")));
        Assert.DoesNotContain(system.Table.Memory(), held => held.Process == process);
    }

    static SwapOptions Eager { get; } = new() { MinIdle = TimeSpan.Zero, HighMark = 0, LowMark = 0 };

    LocalCpu Open(long allowance) => new(LanguageModel.Load(_model.Path, new InferenceOptions { PrefixMemory = allowance, Threads = 1 }));

    /// <summary>Three conversations in turn, each twice; in between all are moved to the disk, or none.</summary>
    async Task<(List<IReadOnlyList<int>> Tokens, List<long> Read)> ContinuationsAsync(
        string home, SwapOptions? swap, long allowance, bool isSwapped)
    {
        await using var system = new SwapSystem(home, Open(allowance), swap);
        var processes = new List<long>();
        for (var index = 0; index < 3; index++)
        {
            processes.Add(await system.SpawnAsync(new ProcessProgram { Tools = [] }));
            await system.AskAsync(processes[^1], Long($"Story {index}"));
            await system.Table.BalanceMemoryAsync();
        }

        Assert.Equal(isSwapped, processes.TrueForAll(id => system.Table.Get(id).State == ProcessState.Swapped));
        var read = new List<long>();
        foreach (var process in processes)
        {
            read.Add(await system.AskAsync(process, "And then?"));
            await system.Table.BalanceMemoryAsync();
        }

        return (
            [.. processes.SelectMany(id => system.Table.Events(id, 0, 1000)).Select(entry => entry.Event).OfType<RunEnded>()
                .Select(run => run.TokenIds)],
            read);
    }

    static string Long(string title) => $"{title}. {string.Join(' ', Enumerable.Repeat("Once upon a time there was a fox.", 25))}";

    sealed class SwapSystem : IAsyncDisposable
    {
        readonly Journal _journal;

        public SwapSystem(string home, LocalCpu cpu, SwapOptions? swap, ILogger? logger = null)
        {
            (_journal, Cpu) = (Journal.Open(home), new ListeningCpu(cpu));
            Table = new ProcessTable(
                _journal, Cpu, new ToolGate(new ToolLimits()), [], logger: logger, options: new ProcessTableOptions { Swap = swap });
        }

        public ListeningCpu Cpu { get; }

        public ProcessTable Table { get; }

        public async Task<long> SpawnAsync(ProcessProgram program) =>
            (await Table.SpawnAsync("me", ProcessKind.Conversation, program, cancellationToken: Token)).Id;

        /// <summary>Asks, and waits for the answer.</summary>
        /// <returns>Tokens that were read for it.</returns>
        public async Task<long> AskAsync(long process, string text)
        {
            await Table.SayAsync(
                process, Message.User(text), new GenerationOptions { MaxTokens = 8, Temperature = 1, Seed = 7, LoopGuard = false }, Token);
            await Table.WaitAsync(process, Token);
            return Cpu.Last!.PromptTokens - Cpu.Last.CachedTokens;
        }

        /// <summary>A process with a long conversation that is on the disk.</summary>
        public async Task<long> FillAsync()
        {
            var process = await SpawnAsync(new ProcessProgram { Tools = [] });
            await AskAsync(process, Long($"Story {process}"));
            await Table.BalanceMemoryAsync();
            return process;
        }

        public async ValueTask DisposeAsync()
        {
            await Table.DisposeAsync();
            await Cpu.DisposeAsync();
            await _journal.DisposeAsync();
        }
    }

    /// <summary>A CPU that remembers what its last run cost.</summary>
    sealed class ListeningCpu(LocalCpu cpu) : ICpu
    {
        public CpuInfo Info => cpu.Info;

        public CpuCache? Cache => cpu.Cache;

        public TokenUsage? Last { get; private set; }

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => cpu.CountTokens(conversation, tools);

        public async IAsyncEnumerable<CpuEvent> RunAsync(
            Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var item in cpu.RunAsync(turn, cancellationToken))
            {
                Last = item is RunFinished finished ? finished.Usage : Last;
                yield return item;
            }
        }

        public object? GetService(Type serviceType) => cpu.GetService(serviceType);

        public ValueTask DisposeAsync() => cpu.DisposeAsync();
    }

    sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ArgumentNullException.ThrowIfNull(formatter);
            lock (All)
            {
                All.Add(formatter(state, exception));
            }
        }
    }
}
