const asyncHandler = require('express-async-handler');
const Product = require('../models/productModel');

const getProducts = asyncHandler(async (req, res) => {
  const page = Number(req.query.page) || 1;
  const products = await Product.find({}).limit(20).skip(20 * (page - 1));
  res.json(products);
});

const createProduct = asyncHandler(async (req, res) => {
  const { name, price } = req.body;
  const product = await Product.create({ name: String(name), price: Number(price), user: req.user._id });
  res.status(201).json(product);
});

const updateProduct = asyncHandler(async (req, res) => {
  const product = await Product.findById(req.params.id);
  product.name = String(req.body.name);
  product.price = Number(req.body.price);
  res.json(await product.save());
});

const deleteProduct = asyncHandler(async (req, res) => {
  await Product.deleteOne({ _id: req.params.id });
  res.json({ message: 'Product deleted' });
});

module.exports = { getProducts, createProduct, updateProduct, deleteProduct };
