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
    rows = db.execute(text(f"SELECT * FROM documents WHERE status = '{status}'"))
    return rows.mappings().all()


@app.get("/files/{name}")
async def files(name: str, user=Depends(get_current_user)):
    return FileResponse(os.path.join("uploads", name))


@app.post("/import")
async def import_document(url: str, user=Depends(get_current_user)):
    async with httpx.AsyncClient() as client:
        page = await client.get(url)
    return {"size": len(page.content)}


@app.delete("/documents/{document_id}")
async def delete_document(document_id: int, db: Session = Depends(get_db)):
    db.execute(text("DELETE FROM documents WHERE id = :id"), {"id": document_id})
    return {"ok": True}
