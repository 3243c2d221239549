using System.CommandLine;
using Noos.Cli.Chat;
using Noos.Core;
using Noos.Core.Settings;
using Noos.Kernel.Journaling;
using Noos.Server.Client;
using Noos.Tools;

namespace Noos.Cli.Processes;

/// <summary>Finds the home of the user: the server that is up, else the journal on the disk.</summary>
static class Homes
{
    // A server that begins holds the home before it can be found.
    const int Attempts = 25;
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    /// <summary>For commands that only read.</summary>
    public static async Task<IProcessReader> OpenToReadAsync(NoosSettings settings, CancellationToken cancellationToken)
    {
        var home = settings.UserData.Folder;
        if (await ProcessClient.FindAsync(home, cancellationToken) is { } client)
        {
            return new ServerHome(client);
        }

        var path = Path.Combine(home, Journal.FileName);
        return new JournalProcesses(File.Exists(path) ? JournalReader.Open(path) : null);
    }

    /// <summary>For commands that change something and run no model.</summary>
    /// <exception cref="NoosException">Another program holds the home, and it is no server that can be asked (Busy).</exception>
    public static async Task<IHome> OpenAsync(NoosSettings settings, CancellationToken cancellationToken) =>
        await FindServerOrHoldAsync(settings, cancellationToken) switch
        {
            (_, { } client) => new ServerHome(client),
            (var journal, _) => new JournalHome(journal!, assistant: null, Toolbox.Create(ToolboxSettings.From(settings))),
        };

    /// <summary>For commands that run a model: the server's where one is up, else the one that the options say.</summary>
    /// <exception cref="NoosException">
    /// Another program holds the home, and it is no server that can be asked (Busy); or options are given that only a start of the server
    /// can take (Invalid).
    /// </exception>
    public static async Task<IHome> OpenWithModelAsync(
        NoosSettings settings, ModelOptions options, ParseResult parsed, KeepCacheOption? keepsCache, CancellationToken cancellationToken,
        bool choosesModel = false)
    {
        var (journal, client) = await FindServerOrHoldAsync(settings, cancellationToken);
        if (client is not null)
        {
            options.RequireFor(client, parsed, choosesModel);
            keepsCache?.RequireNone(parsed);
            return new ServerHome(client);
        }

        try
        {
            // Processes may have models of their own.
            var assistant = options.OpenAssistant(parsed, new OtherModels());
            var home = new JournalHome(journal!, assistant, assistant.Tools, keepsCache?.Begin(parsed, assistant), options.OpenEye(parsed));
            await SavedChat.ImportAsync(home.Table, settings);
            return home;
        }
        catch
        {
            await journal!.DisposeAsync();
            throw;
        }
    }

    static async Task<(Journal? Journal, ProcessClient? Client)> FindServerOrHoldAsync(
        NoosSettings settings, CancellationToken cancellationToken)
    {
        var home = settings.UserData.Folder;
        for (var attempt = 0; ; attempt++)
        {
            if (await ProcessClient.FindAsync(home, cancellationToken) is { } client)
            {
                return (null, client);
            }

            try
            {
                return (Journal.Open(home), null);
            }
            catch (NoosException e) when (e.Kind == ErrorKind.Busy && attempt < Attempts)
            {
                await Task.Delay(s_interval, cancellationToken);
            }
        }
    }
}
