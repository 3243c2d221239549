namespace Noos.Tools.Code.JavaScript;

/// <summary>JavaScript, interpreted inside Noos.</summary>
public sealed class JavaScriptTool(CodeRuntime runtime) : CodeTool(
    runtime,
    Name,
    "Runs JavaScript code (the language alone: no browser, no Node, no internet). Variables are kept between calls. What console.log "
    + "prints and the value of the last line come back. Functions: readCsv(name) gives rows as objects; readText(name); "
    + "writeText(name, text); listFiles(); console.table(rows); chart({type: \"bar\" | \"line\" | \"scatter\" | \"pie\", title, labels, "
    + "values}) draws a picture for the user.",
    "JavaScript",
    "JavaScript code, for example: const rows = readCsv('sales.csv'); chart({type: 'bar', title: 'Sales', labels: rows.map(r => r.region), "
    + "values: rows.map(r => r.total)})")
{
    public const string Name = "javascript";

    private protected override Task<ICodeSession> StartAsync(ConversationFolder folder, CancellationToken cancellationToken) =>
        Task.FromResult<ICodeSession>(new JavaScriptSession(folder, Runtime.Options));
}
