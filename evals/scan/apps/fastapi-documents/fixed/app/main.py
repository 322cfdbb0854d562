import os
import httpx
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse
from sqlalchemy import text
from sqlalchemy.orm import Session
from .auth import get_current_user
from .db import get_db

app = FastAPI()


@app.get("/documents")
async def documents(status: str, db: Session = Depends(get_db), user=Depends(get_current_user)):
    rows = db.execute(text("SELECT * FROM documents WHERE status = :status"), {"status": status})
    return rows.mappings().all()


@app.get("/files/{name}")
async def files(name: str, user=Depends(get_current_user)):
    return FileResponse(os.path.join("uploads", os.path.basename(name)))


@app.post("/import")
async def import_document(url: str, user=Depends(get_current_user)):
    if httpx.URL(url).host != "docs.example.com" or not is_allowed(url):
        raise HTTPException(400)
    async with httpx.AsyncClient() as client:
        page = await client.get(url)
    return {"size": len(page.content)}


@app.delete("/documents/{document_id}")
async def delete_document(document_id: int, db: Session = Depends(get_db), user=Depends(get_current_user)):
    db.execute(text("DELETE FROM documents WHERE id = :id AND owner = :owner"), {"id": document_id, "owner": user["sub"]})
    return {"ok": True}
