using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Kernel.Tracing;
using Noos.Testing;

namespace Noos.Cpus.Tests;

public sealed class AddNoosTests : IDisposable
{
    readonly TinyModel _file = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_gets_a_chat_client_and_an_assistant_over_one_model()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ITool>(new ScriptedTool("clock", _ => "noon"));
        services.AddNoos(options => (options.Model, options.Defaults) = (_file.Path, new GenerationOptions { MaxTokens = 5 }));
        await using var provider = services.BuildServiceProvider();

        var response = await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello there", cancellationToken: Token);
        var assistant = provider.GetRequiredService<Assistant>();
        var trace = new Trace();
        await foreach (var item in assistant.AnswerAsync(Conversation.From(Message.User("Hello there")), cancellationToken: Token))
        {
            trace.Add(item);
        }

        Assert.Equal(5, response.Usage!.OutputTokenCount);
        Assert.Equal("Tiny", assistant.ModelName);
        Assert.Same(provider.GetRequiredService<ICpu>(), assistant.Cpu);
        Assert.NotEmpty(trace.Events);
    }

    [Fact]
    public async Task Cpu_of_the_host_stays()
    {
        await using var own = new ScriptedCpu([new TextDelta("Mine.")]);
        var services = new ServiceCollection();
        services.AddSingleton<ICpu>(own);
        await using var provider = services.AddNoos().BuildServiceProvider();

        Assert.Equal("Mine.", (await provider.GetRequiredService<IChatClient>().GetResponseAsync("hi", cancellationToken: Token)).Text);
    }

    [Fact]
    public async Task Host_keeps_processes_in_a_home()
    {
        using var home = new TemporaryFolder();
        long id;
        await using (var first = Build())
        {
            var table = first.GetRequiredService<ProcessTable>();
            await table.RecoverAsync();
            first.GetRequiredService<TimerTable>().Start();
            id = (await table.SpawnAsync("me", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: Token)).Id;
            await table.SayAsync(id, Message.User("Hello there"), Token);
            await table.WaitAsync(id, Token);
        }

        await using var second = Build();
        var history = second.GetRequiredService<ProcessTable>().ReadHistory(id);
        Assert.Equal([Role.User, Role.Assistant], history.Messages.Select(message => message.Role));

        ServiceProvider Build()
        {
            var services = new ServiceCollection();
            services.AddNoos(options => (options.Model, options.Defaults) = (_file.Path, new GenerationOptions { MaxTokens = 5 }));
            return services.AddNoosProcesses(home.Path).BuildServiceProvider();
        }
    }

    public void Dispose() => _file.Dispose();
}
