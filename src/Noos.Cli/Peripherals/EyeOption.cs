using System.CommandLine;
using Noos.Core;
using Noos.Core.Devices;
using Noos.Core.Settings;
using Noos.Cpus;
using Noos.Cpus.ChatClients;
using Noos.Peripherals.Eye;

namespace Noos.Cli.Peripherals;

/// <summary>Who says what pictures show: one setting for all commands.</summary>
static class EyeOption
{
    public static Option<string?> Create() => new("--eye")
    {
        Description =
            "Who says what pictures show: a vision model behind an OpenAI-compatible address, such as http://localhost:8080/v1#name "
            + "(default: $NOOS_EYE, else nobody: then size, colours, codes and text are told).",
        HelpName = "ADDRESS",
    };

    /// <summary>The eye that is given, else the user's usual one. Nothing is opened before it first looks.</summary>
    /// <exception cref="NoosException">What was given is no address; the user's usual setting is judged with the first look.</exception>
    public static IEye Open(NoosSettings settings, string? given)
    {
        if (!string.IsNullOrWhiteSpace(given))
        {
            _ = Require(given);
        }

        return (string.IsNullOrWhiteSpace(given) ? settings.Eye : given) is { } chosen
            ? new LocalEye(new EyeOptions
            {
                Service = Uri.TryCreate(chosen, UriKind.Absolute, out var address) ? address.GetLeftPart(UriPartial.Authority) : null,
                Describer = () => Connect(Require(chosen), settings.OpenAIApiKey),
            })
            : new LocalEye();
    }

    static ChatClientImageDescriber Connect(string address, string? key) => new(
        new CpuChatClient(ModelSource.OpenCpu(new NoosOptions { Model = address, ApiKey = key })), ModelSource.NameOf(address));

    static string Require(string chosen) => ModelSource.IsEndpoint(chosen) && Uri.TryCreate(chosen, UriKind.Absolute, out _)
        ? chosen
        : throw new NoosException(
            $"'{chosen}' is no eye; give the OpenAI-compatible address of a vision model, such as http://localhost:8080/v1#name.");
}
