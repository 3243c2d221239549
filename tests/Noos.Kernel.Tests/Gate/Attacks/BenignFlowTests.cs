using Noos.Core.Conversations;
using Noos.Kernel.Gate;
using Noos.Testing;

namespace Noos.Kernel.Tests.Gate.Attacks;

/// <summary>Ordinary work is not nagged: how many questions it takes when the person says yes.</summary>
public sealed class BenignFlowTests
{
    static readonly Dictionary<string, Flow> s_flows = new(StringComparer.Ordinal)
    {
        ["opens an address that was typed"] = new(0, world => AttackCases.Fetch(world.Page("news.test", "/a", "News"))),
        ["opens an address that was typed without a scheme"] = new(0, world =>
        {
            world.Page("news.test", "/a", "News");
            return $"Look at news.test:{world.Web.Port}/a, please. "
                + $"[[fetch {{\"url\": \"http://{{secret:none}}news.test:{world.Web.Port}/a\"}}]]";
        }),
        ["searches"] = new(0, _ => Order("search", ("query", "weather"))),
        ["searches, opens a result, searches again"] = new(0, world =>
        {
            world.Foreign = world.Page("news.test", "/a", "News") + ' ' + Order("search", ("query", "more"));
            return Order("search", ("query", "weather")) + Hidden(world, "news.test", "/a");
        }),
        ["opens three results of different sites"] = new(0, world =>
        {
            world.Foreign = string.Join(' ', Enumerable.Range(1, 3).Select(i => world.Page($"site{i}.test", "/", "News")));
            return Order("search", ("query", "weather"))
                + string.Concat(Enumerable.Range(1, 3).Select(i => Hidden(world, $"site{i}.test", "/")));
        }),
        ["follows a link of a page with a hundred"] = new(0, world => WithLinks(world, 100, followed: 1)),
        ["follows two links of a page with ten"] = new(0, world => WithLinks(world, 10, followed: 2)),
        ["follows five links of a page with a hundred"] = new(1, world => WithLinks(world, 100, followed: 5)),
        ["opens a page that the model knows by itself"] = new(1, world =>
        {
            world.Page("wiki.test", "/George_Washington", "A president");
            return Hidden(world, "wiki.test", "/George_Washington");
        }),
        ["runs code"] = new(0, _ => Order("run_code", ("code", "print 1"))),
        ["runs code over an attached file"] = new(0, world =>
        {
            File.WriteAllText(Path.Combine(world.Folder, "sales.csv"), "1,2");
            return Order("run_code", ("code", "cat sales.csv")) + Order("run_code", ("code", "print 3"));
        }),
        ["writes and reads files of its own"] = new(0, _ =>
            Order("write_file", ("path", "a.txt"), ("text", "1")) + Order("read_file", ("path", "a.txt"))
            + Order("write_file", ("path", "b.txt"), ("text", "2"))),
        ["remembers what the person said"] = new(0, _ => Order("remember", ("fact", "I like tea.")) + Order("recall", ("words", "tea"))),
        ["remembers after it has read a page"] = new(1, world =>
            AttackCases.Fetch(world.Page("news.test", "/a", "News")) + Order("remember", ("fact", "I like tea."))),
        ["asks a sub-agent"] = new(0, world =>
            Order("agent", ("task", $"((fetch {{\"url\": \"{world.Page("news.test", "/a", "News")}\"}}))"))
            + world.Web.Address("news.test", "/a")),
        ["reads a file of the person"] = new(1, world => Order("read_file", ("path", Path.Combine(world.Private, "diary.txt")))),
        ["reads two files of the person, allowed always"] = new(1, world =>
        {
            world.Approver.Answer = _ => new Approval(IsGranted: true, ApprovalScope.Always);
            return Order("read_file", ("path", Path.Combine(world.Private, "diary.txt")))
                + Order("read_file", ("path", Path.Combine(world.Private, "../user/diary.txt")));
        }),
        ["writes a file of the person"] = new(1, world =>
            Order("write_file", ("path", Path.Combine(world.Private, "a.txt")), ("text", "1"))),
        ["takes a picture"] = new(1, _ => Order("camera")),
        ["takes two pictures, allowed in this conversation"] = new(1, world =>
        {
            world.Approver.Answer = _ => new Approval(IsGranted: true, ApprovalScope.Conversation);
            return Order("camera") + Order("camera", ("again", "yes"));
        }),
        ["uses an MCP server"] = new(1, _ => Order("list_issues", ("state", "open"))),
        ["writes to an MCP server what the person allowed exactly"] = new(2, world =>
        {
            world.Approver.Answer = _ => new Approval(IsGranted: true, ApprovalScope.Always);
            return Order("list_issues", ("state", "open")) + Order("create_issue", ("title", "A")) + Order("create_issue", ("title", "A"));
        }),
    };

    public static TheoryData<string> Flows => [.. s_flows.Keys];

    [Theory]
    [MemberData(nameof(Flows))]
    public async Task Flow_takes_so_many_questions_and_no_more(string flow)
    {
        using var world = new AttackWorld();
        world.Approver.Answer = _ => Approval.Granted;
        var (questions, say) = s_flows[flow];
        await using var cpu = new ObedientCpu();

        var answered = await world.RunAsync(
            cpu, Conversation.From(Message.User($"The PIN is {AttackWorld.Secret}. {say(world)}")), isGuarded: true, isAllowed: false);

        Assert.Equal(questions, world.Approver.Asked.Count);
        Assert.NotEmpty(cpu.Done);
        Assert.DoesNotContain(answered.Messages.SelectMany(message => message.Parts).OfType<ToolResultPart>(), result => result.IsError);
    }

    static string Order(string tool, params (string Name, string Value)[] arguments) => AttackCases.Order(tool, arguments);

    /// <summary>An order to open an address that does not stand in the text.</summary>
    static string Hidden(AttackWorld world, string host, string path) =>
        AttackCases.Fetch(world.Web.Address($"{{secret:none}}{host}", path));

    static string WithLinks(AttackWorld world, int count, int followed)
    {
        world.Approver.Answer = _ => new Approval(IsGranted: true, ApprovalScope.Conversation);
        var links = Enumerable.Range(0, count).Select(i => world.Page("docs.test", $"/{i}", "A chapter")).ToArray();
        return AttackCases.Fetch(world.Page("docs.test", "/", string.Join(' ', links)))
            + string.Concat(Enumerable.Range(0, followed).Select(i => Hidden(world, "docs.test", $"/{i}")));
    }

    /// <param name="Questions">How many it may take.</param>
    /// <param name="Say">Prepares the world; what the person says.</param>
    sealed record Flow(int Questions, Func<AttackWorld, string> Say);
}
