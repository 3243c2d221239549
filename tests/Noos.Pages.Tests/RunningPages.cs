using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Facts;
using Noos.Core.Tools;
using Noos.Kernel.Accounts;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Facts;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Server;
using Noos.Testing;

namespace Noos.Pages.Tests;

/// <summary>The real pages on a loopback port, with the processes of a home. Can stop and start again, as a computer does.</summary>
sealed class RunningPages : IAsyncDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly IReadOnlyList<ITool> _tools;
    readonly ReservedPort _port = new();
    readonly ReservedPort? _linked;
    readonly SlowLink? _link;
    Action<IServiceCollection> _configure = _ => { };
    Func<PagesOptions, PagesOptions> _change = options => options;
    WebApplication? _app;
    Assistant? _assistant;
    Journal? _journal;

    RunningPages(IReadOnlyList<ITool> tools)
    {
        _tools = tools;
        Address = new Uri($"http://127.0.0.1:{_port.Number}/");
        if (SlowLink.Lag > TimeSpan.Zero)
        {
            _linked = new ReservedPort();
            _link = SlowLink.Start(_linked.Number, _port.Number);
            Address = new Uri($"http://127.0.0.1:{_linked.Number}/");
        }
    }

    public ProcessTable Table { get; private set; } = null!;

    /// <summary>The people of the home, where everybody must log in; null where one person has it alone.</summary>
    public AccountStore? Accounts { get; private set; }

    /// <summary>What is remembered.</summary>
    public FactStore Facts { get; private set; } = null!;

    public Uri Address { get; }

    public string Home => _folder.Path;

    public HttpClient Http { get; } = new();

    public static async Task<RunningPages> StartAsync(ICpu cpu, params IReadOnlyList<ITool> tools)
    {
        var pages = new RunningPages(tools.Count > 0 ? tools : [Calculator()]);
        await pages.UpAsync(cpu);
        return pages;
    }

    /// <summary>The same with services and options of a test.</summary>
    public static async Task<RunningPages> StartAsync(
        ICpu cpu, IReadOnlyList<ITool> tools, Action<IServiceCollection> configure, Func<PagesOptions, PagesOptions>? change = null)
    {
        var pages = new RunningPages(tools) { _configure = configure, _change = change ?? (options => options) };
        await pages.UpAsync(cpu);
        return pages;
    }

    /// <summary>The same where everybody must log in.</summary>
    public static async Task<RunningPages> StartWithAccountsAsync(ICpu cpu, Action<IServiceCollection>? configure = null)
    {
        var pages = new RunningPages([Calculator()]) { _configure = configure ?? (_ => { }) };
        pages.Accounts = new AccountStore(pages.Home);
        pages.Accounts.EnsureOwner("olga");
        await pages.UpAsync(cpu);
        return pages;
    }

    public static ScriptedTool Calculator() => new("calculator", arguments =>
        arguments.GetProperty("expression").GetString() == "48*37+5" ? "1781" : throw new InvalidOperationException("bad <b>sum</b>"));

    /// <summary>Starts on the same port with the same home.</summary>
    public async Task UpAsync(ICpu cpu)
    {
        _assistant = new Assistant(cpu, _tools);
        _journal = Journal.Open(_folder.Path);
        Table = new ProcessTable(_journal, cpu, _assistant.Gate, _assistant.Tools);
        _app = ChatServer.Create(_assistant, new ServerOptions { Port = _port.Number, RequiresLogin = Accounts is not null }, builder =>
        {
            builder.Services.AddSingleton(Table);
            if (Accounts is not null)
            {
                builder.Services.AddSingleton(Accounts);
            }

            builder.Services.AddSingleton<IFactStore>(Facts = new FactStore(_folder.Path));
            _configure(builder.Services);
            builder.Services.AddNoosPages(_change(new PagesOptions { Home = _folder.Path }));
        });
        _app.MapNoosPages();
        await Table.RecoverAsync();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Http.BaseAddress ??= Address;
    }

    /// <summary>Stops at once: what is under way is due after the next start.</summary>
    public async Task DownAsync()
    {
        if (_app is null)
        {
            return;
        }

        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        await Table.DisposeAsync();
        await _journal!.DisposeAsync();
        await _assistant!.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_link is not null)
        {
            await _link.DisposeAsync();
        }

        await DownAsync();
        _linked?.Dispose();
        _port.Dispose();
        _folder.Dispose();
    }
}
