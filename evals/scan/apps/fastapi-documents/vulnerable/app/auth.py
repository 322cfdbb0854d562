import os
import jwt
from fastapi import Header, HTTPException


def get_current_user(authorization: str = Header()):
    try:
        return jwt.decode(authorization.removeprefix("Bearer "), os.environ["JWT_SECRET"], algorithms=["HS256"])
    except jwt.InvalidTokenError:
        raise HTTPException(401)
