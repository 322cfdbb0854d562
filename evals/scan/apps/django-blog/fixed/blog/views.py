from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.html import escape
from django.utils.http import url_has_allowed_host_and_scheme


def search(request):
    term = request.GET.get("q", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, title FROM posts WHERE title LIKE %s", [term])
        return JsonResponse({"rows": cursor.fetchall()})


def preview(request):
    return HttpResponse("<p>" + escape(request.GET.get("text", "")) + "</p>")


@login_required
def done(request):
    target = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect("/")
    return redirect(target)
