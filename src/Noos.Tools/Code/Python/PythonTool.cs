namespace Noos.Tools.Code.Python;

/// <summary>Python in the sandbox.</summary>
public sealed class PythonTool(CodeRuntime runtime) : CodeTool(
    runtime,
    Name,
    "Runs Python code. Variables are kept between calls. What is printed and the value of the last line come back. Files of the "
    + "conversation are in the current folder; charts and files saved there are shown to the user. There is no internet.",
    "Python",
    "Python code, for example: import csv; rows = list(csv.DictReader(open('sales.csv'))); len(rows)")
{
    public const string Name = "python";

    private protected override async Task<ICodeSession> StartAsync(ConversationFolder folder, CancellationToken cancellationToken) =>
        await Runtime.StartPythonAsync(folder.Path, cancellationToken);
}
