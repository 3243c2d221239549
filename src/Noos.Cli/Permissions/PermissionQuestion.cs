using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;

namespace Noos.Cli.Permissions;

/// <summary>Shows a person exactly what a call would do, and asks.</summary>
static class PermissionQuestion
{
    const string Choices = "Allow it? [y]es, once; in this [c]onversation; [a]lways; [n]o; ne[v]er: ";

    /// <summary>The effects, whole.</summary>
    public static void Write(TextWriter output, ApprovalAsked asked)
    {
        output.WriteLine($"{VisibleText.From(asked.Call.Name)} wants to:");
        foreach (var (effect, reason, target) in asked.Effects ?? [])
        {
            output.WriteLine($"  {VisibleText.From(effect.Sentence)}");
            output.WriteLine($"    {effect.Capability} {effect.Kind.ToString().ToLowerInvariant()}: {VisibleText.From(effect.Target)}");
            foreach (var line in effect.Content is null ? [] : VisibleText.From(effect.Content).Split('\n'))
            {
                output.WriteLine($"    | {line}");
            }

            output.WriteLine($"    Asked because {reason}.");
            output.WriteLine(target is null
                ? $"    A lasting answer is for every {effect.Kind.ToString().ToLowerInvariant()} of \"{effect.Capability}\"."
                : "    A lasting answer is for exactly this.");
        }
    }

    /// <summary>The answer of the person; null where the input has ended.</summary>
    public static async Task<Approval?> AskAsync(
        ApprovalAsked asked, TextWriter output, Func<CancellationToken, Task<string?>> read, CancellationToken cancellationToken)
    {
        Write(output, asked);
        while (true)
        {
            output.Write(Choices);
            switch ((await read(cancellationToken))?.Trim().ToLowerInvariant())
            {
                case null:
                    output.WriteLine();
                    return null;
                case "y" or "yes":
                    return Approval.Granted;
                case "c" or "conversation":
                    return new Approval(IsGranted: true, ApprovalScope.Conversation);
                case "a" or "always":
                    return new Approval(IsGranted: true, ApprovalScope.Always);
                case "n" or "no":
                    return Approval.Refused;
                case "v" or "never":
                    return new Approval(IsGranted: false, ApprovalScope.Always);
                default:
                    break;
            }
        }
    }
}
