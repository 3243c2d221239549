using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Noos.Kernel.Teaching;
using Noos.Server.Teaching;

namespace Noos.Pages.Hosting;

/// <summary>What the visitor taught, as files: also where the processes are those of the pages alone, which no API shows.</summary>
static class TeachingFiles
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/teach/sft.jsonl", http => SendAsync(http, TeachingForm.Sft));
        endpoints.MapGet("/teach/pairs.jsonl", http => SendAsync(http, TeachingForm.Pairs));
    }

    static Task SendAsync(HttpContext http, TeachingForm form)
    {
        var services = http.RequestServices;
        var owner = services.GetRequiredService<PageVisitor>().For(http).Principal.Owner;
        PageHeaders.Set(http.Response);
        return TeachingFile.SendAsync(
            http, new TeachingStore(services.GetRequiredService<PageProcesses>().Table), owner, form);
    }
}
